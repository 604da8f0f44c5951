import { readFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import '../src/services/onnx/without-telemetry';
import { InferenceSession, Tensor } from 'onnxruntime-node';

/**
 * The bare rival of the predict bench, a process of its own: node:http, JSON, and one ONNX run a request. No GraphQL, no validation, no preprocessing,
 * no feature store, no log.
 */
async function serve(modelFile: string): Promise<void> {
  const session = await InferenceSession.create(readFileSync(modelFile), { intraOpNumThreads: 1 });
  const server = http.createServer((request, response) => {
    void answer(request).then((body) => {
      response.setHeader('content-type', 'application/json');
      response.setHeader('content-length', Buffer.byteLength(body));
      response.end(body);
    });
  });

  async function answer(request: http.IncomingMessage): Promise<string> {
    const { row } = JSON.parse(await text(request)) as { row: number[] };
    const features = new Tensor('float32', Float32Array.from(row), [1, row.length]);
    const { probabilities } = await session.run({ features }, ['probabilities']);
    return JSON.stringify({ probability: Number(probabilities.data[1]) });
  }

  server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
}

// A bench lists all modules of its folder: this one serves only when it is a process.
if (require.main === module) void serve(process.argv[2] ?? '');
