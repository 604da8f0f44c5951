import { servableSignature, type TensorSignature } from '../../../src/services/onnx/servable-signature.policy';

const features: TensorSignature = { name: 'X', type: 'float32', shape: ['N', 3] };
const label: TensorSignature = { name: 'label', type: 'int64', shape: ['N'] };
const probabilities: TensorSignature = { name: 'probabilities', type: 'float32', shape: ['N', 2] };

describe('The servable signature of a model', () => {
  it('is its input, width and the output named for probabilities', () => {
    const raw: TensorSignature = { ...probabilities, name: 'margin' };
    expect(servableSignature([features], [label, raw, { ...probabilities, name: 'output_probability' }])).toEqual({
      input: 'X',
      width: 3,
      output: 'output_probability',
    });
  });

  it('takes the only float32 output, whatever its name', () => {
    expect(servableSignature([features], [label, { ...probabilities, name: 'variable' }])).toMatchObject({
      output: 'variable',
    });
  });

  it('accepts a first dimension without a name', () => {
    expect(servableSignature([{ ...features, shape: ['', 3] }], [probabilities])).toMatchObject({ width: 3 });
  });

  it.each<[string, TensorSignature[], TensorSignature[], string]>([
    ['two inputs', [features, { ...features, name: 'Y' }], [probabilities], 'It has 2 inputs'],
    ['no input', [], [probabilities], 'It has 0 inputs (none)'],
    [
      'a float64 input',
      [{ ...features, type: 'float64' }],
      [probabilities],
      'X float64 [N, 3]. Export it with a float32',
    ],
    ['an undeclared width', [{ ...features, shape: ['N', ''] }], [probabilities], 'X float32 [N, any]'],
    ['an input of three dimensions', [{ ...features, shape: ['N', 3, 3] }], [probabilities], 'float32 [N, 3, 3]'],
    ['a fixed number of rows', [{ ...features, shape: [1, 3] }], [probabilities], 'exactly 1 rows at a time'],
    ['a map as output', [features], [label, { name: 'p', type: null, shape: [] }], 'zipmap=False'],
    ['no float32 output', [features], [label], 'Its outputs are label int64 [N]. Export it with one float32 output'],
    [
      'two float32 outputs of unclear meaning',
      [features],
      [
        { ...probabilities, name: 'a' },
        { ...probabilities, name: 'b' },
      ],
      'name the one to serve "probabilities"',
    ],
  ])('is a reason against serving with %s', (_, inputs, outputs, reason) => {
    expect(servableSignature(inputs, outputs)).toContain(reason);
  });
});
