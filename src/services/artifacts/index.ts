/** Content-addressed bytes: stored in verified chunks, encrypted where a key is configured, uploaded, downloaded and collected. */
export { ArtifactKeyMissing, ArtifactMismatch, SignatureInvalid, UrlExpired } from './artifact-errors';
export { type ArtifactStore, recordArtifact, type StoredArtifact } from './artifact-store';
export { FileArtifactStore } from './file-artifact-store';
export { rotateArtifacts, type Rotation } from './rotate-artifacts';
