import fc from 'fast-check';
import { InvalidInput } from '../../../src/errors';
import { fromGlobalId, NODE_KINDS, parseGlobalId, toGlobalId } from '../../../src/schema/global-id';

const anyKind = fc.constantFrom(...NODE_KINDS);

describe('global ids', () => {
  it('come back as the kind and key that they were made of', () => {
    fc.assert(
      fc.property(anyKind, fc.uuid(), (kind, key) => {
        expect(parseGlobalId(toGlobalId(kind, key))).toEqual({ kind, key });
      }),
    );
  });

  it('have nothing in them that a URL would have to escape', () => {
    fc.assert(
      fc.property(anyKind, fc.uuid(), (kind, key) => {
        expect(toGlobalId(kind, key)).toMatch(/^[\w-]+$/);
      }),
    );
  });

  it('refuse every text that was not made by them', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String()), (text) => {
        expect(() => parseGlobalId(text)).toThrow(InvalidInput);
      }),
    );
  });

  it.each([
    ['an unknown kind', 'Nothing:00000000-0000-4000-8000-000000000000'],
    ['a key that is no uuid', "Model:1' OR '1'='1"],
    ['a third part', 'Model:00000000-0000-4000-8000-000000000000:x'],
    ['no key', 'Model'],
    ['a property of every object', 'constructor:00000000-0000-4000-8000-000000000000'],
  ])('refuse %s, however well it is encoded', (_case, text) => {
    expect(() => parseGlobalId(Buffer.from(text).toString('base64url'))).toThrow(InvalidInput);
  });

  it('have one spelling: the padded one is refused', () => {
    const id = toGlobalId('Model', '00000000-0000-4000-8000-000000000000');
    expect(() => parseGlobalId(`${id}=`)).toThrow(InvalidInput);
  });

  it('say which kind was expected and where, when the id is of another', () => {
    const id = toGlobalId('Model', '00000000-0000-4000-8000-000000000000');
    expect(() => fromGlobalId(id, 'Dataset', 'input.datasetId')).toThrow(
      expect.objectContaining({
        code: 'INVALID_INPUT',
        field: ['input', 'datasetId'],
        message: 'datasetId: this is the id of a Model; expected one of a Dataset',
      }),
    );
  });
});
