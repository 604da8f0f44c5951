import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { chunkCount, decodeHeader, encodeHeader, HEADER_BYTES } from '../../../src/services/artifacts/artifact-header';

describe('The header of a stored artifact', () => {
  it('is read as it was written', () => {
    const keyId = fc.option(fc.stringMatching(/^[\w.-]{1,64}$/));
    const chunkBytes = fc.integer({ min: 1, max: 16 * 1024 * 1024 });
    fc.assert(
      fc.property(fc.maxSafeNat(), chunkBytes, keyId, (sizeBytes, chunk, id) => {
        const header = { sizeBytes, chunkBytes: chunk, keyId: id, salt: randomBytes(32) };
        expect(decodeHeader(encodeHeader(header))).toEqual(header);
      }),
    );
  });

  it('is not found in other bytes', () => {
    expect(decodeHeader(Buffer.from('short'))).toBeNull();
    expect(decodeHeader(Buffer.alloc(HEADER_BYTES))).toBeNull();
    const header = { sizeBytes: 1, chunkBytes: 1, keyId: null, salt: Buffer.alloc(32) };
    expect(decodeHeader(encodeHeader({ ...header, chunkBytes: 0 }))).toBeNull();
    expect(decodeHeader(encodeHeader({ ...header, chunkBytes: 2 ** 31 }))).toBeNull();
  });

  it('counts one chunk for an empty artifact', () => {
    expect([0, 1, 8, 9].map((sizeBytes) => chunkCount({ sizeBytes, chunkBytes: 8 }))).toEqual([1, 1, 1, 2]);
  });
});
