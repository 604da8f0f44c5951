import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { type ArtifactRole, ArtifactUpload } from '../../entities';
import { InvalidInput, NotFound, NotReady } from '../../errors';
import type { AuditTrail } from '../audit';
import { idempotent, inTransaction } from '../database';
import { type Actor, authorize } from '../identity';
import { AlreadyUploaded, ArtifactMismatch, ArtifactTooLarge } from './artifact-errors';
import type { ArtifactKeeper } from './artifact-keeper';
import type { ArtifactReader, ByteStore, StoredArtifact } from './artifact-store';
import type { ByteSource } from './chunked-file';
import { checkSignedUrl, signedUrl } from './signed-url.policy';

export interface CreateArtifactUploadInput {
  readonly kind: ArtifactRole;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly mediaType: string;
  readonly idempotencyKey?: string | null;
}

/** An upload that waits for its bytes. */
export interface OpenUpload {
  readonly id: string;
  /** Where to PUT them, from the server's root on. */
  readonly url: string;
  readonly expiresAt: Date;
}

export const UPLOADS_PATH = '/artifacts/uploads';
export const DOWNLOADS_PATH = '/artifacts';
const UPLOAD_MS = 3_600_000;
/** How long a signed address of bytes is good for. */
export const DOWNLOAD_MS = 15 * 60_000;
const DIGEST = /^[0-9a-f]{64}$/;
const MEDIA_TYPE = /^[\w.+-]{1,100}\/[\w.+-]{1,100}$/;

interface Dependencies {
  readonly dataSource: DataSource;
  readonly audit: AuditTrail;
  readonly store: ByteStore;
  readonly keeper: ArtifactKeeper;
  /** Signs the addresses. */
  readonly signingSecret: string;
  /** Of one upload. */
  readonly maxBytes: number;
}

/** Artifacts on their way in and out: whoever may is given a signed address, and whoever has the address needs nothing else. */
export class ArtifactTransferService {
  constructor(private readonly deps: Dependencies) {}

  /**
   * Announces bytes. Those that are there already need not be sent.
   * @throws InvalidInput, ArtifactTooLarge
   */
  async createUpload(
    input: CreateArtifactUploadInput,
    actor: Actor,
  ): Promise<{ upload: OpenUpload | null; artifact: StoredArtifact | null }> {
    // Who may send rows may send files of them.
    authorize(actor, input.kind === 'FEATURE_FILE' ? 'feature.ingest' : 'artifact.upload');
    checkAnnouncement(input);
    this.checkSize(input.sizeBytes);
    const { kind, sizeBytes, sha256: digest, mediaType } = input;
    const { dataSource, audit, keeper } = this.deps;
    return inTransaction(dataSource, async (manager) => {
      // Before anything that appends to the audit trail, as collections do.
      const artifact = await keeper.holdIfThere(digest, manager);
      if (artifact && artifact.sizeBytes !== sizeBytes)
        throw new InvalidInput(
          'input.sizeBytes',
          `the bytes of this SHA-256 are ${artifact.sizeBytes}, not ${sizeBytes}`,
        );
      const key = { actor: actor.name, mutation: 'createArtifactUpload', key: input.idempotencyKey, input };
      const id = await idempotent(manager, key, async () => {
        const announced = { id: randomUUID(), kind, digest, sizeBytes, mediaType };
        await manager.insert(ArtifactUpload, {
          ...announced,
          status: artifact ? 'STORED' : 'PENDING',
          createdBy: actor.name,
          requestId: actor.requestId,
          expiresAt: new Date(Date.now() + UPLOAD_MS),
        });
        const subject = `ArtifactUpload:${announced.id}`;
        await audit.append(manager, { modelId: null, actor, action: 'artifact.announce', subject, details: announced });
        return announced.id;
      });
      if (artifact) return { upload: null, artifact };
      return { upload: this.openUpload(await manager.findOneByOrFail(ArtifactUpload, { id })), artifact: null };
    });
  }

  /**
   * Takes the bytes of an upload; until all of them have come and are the ones that were announced, nothing of them is kept.
   * @param query of the signed address
   * @param contentLength as the request declares it; null where it does not
   * @throws SignatureInvalid, UrlExpired, NotFound, AlreadyUploaded, ArtifactTooLarge, ArtifactMismatch
   */
  async receive(
    id: string,
    query: URLSearchParams,
    contentLength: number | null,
    source: ByteSource,
  ): Promise<StoredArtifact> {
    const { dataSource, audit, store, keeper } = this.deps;
    checkSignedUrl('PUT', `${UPLOADS_PATH}/${id}`, query, this.deps.signingSecret, new Date());
    const upload = await dataSource.manager.findOneBy(ArtifactUpload, { id });
    if (!upload) throw new NotFound('upload', id, 'Ask for a new one with createArtifactUpload.');
    if (upload.status === 'STORED') throw new AlreadyUploaded(id);
    const { digest, sizeBytes, mediaType } = upload;
    // Announced to a server with a higher limit, or before this one's was lowered. What comes is never more than was announced: see writeChunks.
    this.checkSize(sizeBytes);
    if (contentLength !== null && contentLength !== sizeBytes)
      throw new ArtifactMismatch('size', `${sizeBytes} bytes`, `${contentLength}`);

    const artifact = { digest, sizeBytes, mediaType };
    const staged = await store.stage(source, artifact);
    try {
      await keeper.hold(artifact);
      // Also in place of bytes that are there: they may have been damaged meanwhile, and these are known to be right.
      await staged.keep();
    } catch (error) {
      await staged.discard();
      throw error;
    }
    await inTransaction(dataSource, async (manager) => {
      const stored = await manager.update(ArtifactUpload, { id, status: 'PENDING' }, { status: 'STORED' });
      // Somebody has sent the same bytes to the same address, and was a little earlier.
      if (stored.affected === 0) throw new AlreadyUploaded(id);
      await audit.append(manager, {
        modelId: null,
        actor: { name: upload.createdBy, requestId: upload.requestId },
        action: 'artifact.store',
        subject: `Artifact:${digest}`,
        details: { ...artifact, kind: upload.kind, upload: id },
      });
    });
    return artifact;
  }

  /**
   * What a digest, or the upload that brought the bytes, stands for; held, so that it can be referred to.
   * @param field where it stands in the input
   * @throws NotFound, NotReady
   */
  async resolve(ref: { digest: string } | { uploadId: string }, field: readonly string[]): Promise<StoredArtifact> {
    if ('digest' in ref) return this.held(ref.digest, field);
    const upload = await this.deps.dataSource.manager.findOneBy(ArtifactUpload, { id: ref.uploadId });
    if (!upload) throw new NotFound('upload', ref.uploadId, 'Ask for one with createArtifactUpload.', field);
    if (upload.status !== 'STORED')
      throw new NotReady('upload', ref.uploadId, 'PENDING', 'PUT its bytes to its address first.', field);
    return this.held(upload.digest, field);
  }

  /** A signed address from which the bytes can be had for a quarter of an hour, from the server's root on. */
  downloadUrl(digest: string, actor: Actor): string {
    authorize(actor, 'artifact.download');
    const expiresAt = new Date(Date.now() + DOWNLOAD_MS);
    return signedUrl(
      { method: 'GET', path: `${DOWNLOADS_PATH}/${digest}`, expiresAt, claims: {} },
      this.deps.signingSecret,
    );
  }

  /**
   * Opens what a signed address leads to.
   * @throws SignatureInvalid, UrlExpired, NotFound, ArtifactKeyMissing, ArtifactCorrupt
   */
  async openDownload(digest: string, query: URLSearchParams): Promise<{ mediaType: string; reader: ArtifactReader }> {
    checkSignedUrl('GET', `${DOWNLOADS_PATH}/${digest}`, query, this.deps.signingSecret, new Date());
    const { mediaType } = await this.held(digest, null);
    return { mediaType, reader: await this.deps.store.read(digest) };
  }

  private checkSize(sizeBytes: number): void {
    if (sizeBytes > this.deps.maxBytes) throw new ArtifactTooLarge(sizeBytes, this.deps.maxBytes);
  }

  private openUpload({ id, expiresAt, sizeBytes, digest }: ArtifactUpload): OpenUpload {
    const claims = { size: String(sizeBytes), sha256: digest };
    const grant = { method: 'PUT', path: `${UPLOADS_PATH}/${id}`, expiresAt, claims } as const;
    return { id, expiresAt, url: signedUrl(grant, this.deps.signingSecret) };
  }

  private async held(digest: string, field: readonly string[] | null): Promise<StoredArtifact> {
    const artifact = await this.deps.keeper.holdIfThere(digest);
    if (!artifact) throw new NotFound('artifact', digest, 'Upload it with createArtifactUpload.', field);
    return artifact;
  }
}

function checkAnnouncement({ sizeBytes, sha256, mediaType }: CreateArtifactUploadInput): void {
  if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0)
    throw new InvalidInput('input.sizeBytes', 'must be a whole number of bytes, 0 or more');
  if (!DIGEST.test(sha256))
    throw new InvalidInput('input.sha256', 'must be the SHA-256 of the bytes: 64 hexadecimal digits, in lower case');
  if (!MEDIA_TYPE.test(mediaType))
    throw new InvalidInput('input.mediaType', 'must be a media type such as application/onnx, without parameters');
}
