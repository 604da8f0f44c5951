import { InvalidInput } from '../../../src/errors';
import { checkedParameters } from '../../../src/services/training/training-parameters';

describe('Training parameters', () => {
  it('are defaults where nothing is given', () => {
    expect(checkedParameters('GRADIENT_BOOSTING', {})).toEqual({
      iterations: 500,
      learningRate: 0.05,
      numLeaves: 15,
      l2: 1,
      minRowsPerLeaf: 20,
      minHessianPerLeaf: 0.001,
      validationShare: 0.15,
      patience: 20,
    });
    expect(checkedParameters('LOGISTIC_REGRESSION', {})).toEqual({ l2: 1 });
  });

  it('take what is given in its place, null being nothing', () => {
    expect(checkedParameters('GRADIENT_BOOSTING', { numLeaves: 31, l2: 0, iterations: null })).toMatchObject({
      numLeaves: 31,
      l2: 0,
      iterations: 500,
    });
  });

  it.each<[Record<string, unknown>, string]>([
    [{ iterations: 0 }, 'parameters.iterations: must be a whole number from 1 to 1000, got 0'],
    [{ iterations: 2000 }, 'parameters.iterations: must be a whole number from 1 to 1000, got 2000'],
    [{ numLeaves: 7.5 }, 'parameters.numLeaves: must be a whole number from 2 to 255, got 7.5'],
    [{ learningRate: '0.1' }, 'parameters.learningRate: must be a number from 0.001 to 1, got "0.1"'],
    [{ l2: NaN }, 'parameters.l2: must be a number'],
    [{ depth: 3 }, 'parameters.depth: GRADIENT_BOOSTING has no such parameter; it has iterations, learningRate'],
  ])('are refused by name: %j', (given, message) => {
    expect(() => checkedParameters('GRADIENT_BOOSTING', given)).toThrow(InvalidInput);
    expect(() => checkedParameters('GRADIENT_BOOSTING', given)).toThrow(message);
  });

  it('of one algorithm are not those of the other', () => {
    expect(() => checkedParameters('LOGISTIC_REGRESSION', { numLeaves: 3 })).toThrow(
      'LOGISTIC_REGRESSION has no such parameter',
    );
  });
});
