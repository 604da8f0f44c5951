import { once } from 'node:events';
import http from 'node:http';
import type { MooringProcess } from './mooring-process';

/** Bytes as a client has them. */
export interface Content {
  readonly digest: string;
  readonly sizeBytes: number;
  readonly pieces: () => Iterable<Buffer>;
}

const ANNOUNCE = `mutation ($input: CreateArtifactUploadInput!) {
  createArtifactUpload(input: $input) { upload { url } artifact { downloadUrl } userErrors { message } }
}`;

interface Announced {
  readonly createArtifactUpload: {
    readonly upload: { readonly url: string } | null;
    readonly artifact: { readonly downloadUrl: string } | null;
    readonly userErrors: readonly { readonly message: string }[];
  };
}

/** Uploads the content over HTTP, asks for its address and downloads it. @throws Error unless all of it comes back */
export async function upAndDown(mooring: MooringProcess, content: Content): Promise<void> {
  const { digest: sha256, sizeBytes } = content;
  const input = { kind: 'MODEL', mediaType: 'application/octet-stream', sha256, sizeBytes };
  const announce = async () => (await mooring.graphql<Announced>(ANNOUNCE, { input })).createArtifactUpload;
  const { upload } = await announce();
  if (upload) await put(mooring.url + upload.url, content);
  const { artifact } = await announce();
  const received = await countBytes(`${mooring.url}${artifact?.downloadUrl ?? ''}`);
  if (received !== sizeBytes) throw new Error(`${received} of ${sizeBytes} bytes came back`);
}

async function put(url: string, { sizeBytes, pieces }: Content): Promise<void> {
  const request = http.request(url, { method: 'PUT', headers: { 'content-length': sizeBytes } });
  const answered = once(request, 'response') as Promise<[http.IncomingMessage]>;
  for (const piece of pieces()) {
    // The request keeps what it is given, so it needs bytes of its own.
    if (!request.write(Buffer.from(piece))) await once(request, 'drain');
  }
  request.end();
  const [response] = await answered;
  response.resume();
  if (response.statusCode !== 201) throw new Error(`The upload was answered with ${response.statusCode}`);
}

async function countBytes(url: string): Promise<number> {
  const [response] = (await once(http.get(url), 'response')) as [http.IncomingMessage];
  let count = 0;
  for await (const piece of response) count += (piece as Buffer).length;
  return count;
}
