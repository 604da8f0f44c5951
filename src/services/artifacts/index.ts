export { type ArtifactStore, FileArtifactStore, recordArtifact, type StoredArtifact } from './artifact-store';
