/** Content-addressed bytes: stored in verified chunks, encrypted where a key is configured, uploaded, downloaded and collected. */
export { ArtifactCollector, type Collection } from './artifact-collector';
export { ArtifactKeyMissing, ArtifactMismatch, RangeNotSatisfiable } from './artifact-errors';
export { ArtifactKeeper } from './artifact-keeper';
export { type ArtifactStore, recordArtifact, type StoredArtifact } from './artifact-store';
export {
  ArtifactTransferService,
  type CreateArtifactUploadInput,
  DOWNLOAD_MS,
  DOWNLOADS_PATH,
  UPLOADS_PATH,
} from './artifact-transfer.service';
export { FileArtifactStore } from './file-artifact-store';
export { rotateArtifacts, type Rotation } from './rotate-artifacts';
export { checkSignedUrl, signedUrl } from './signed-url.policy';
export { keptSigningSecret } from './signing-secret';
