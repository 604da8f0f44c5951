import { ExpressionInvalid } from '../../../errors';

/** The text of an expression, and where it stands in the request. */
export class ExpressionSource {
  constructor(
    readonly text: string,
    private readonly field: readonly string[],
  ) {}

  /**
   * @param at place of what is wrong, from 0
   * @throws ExpressionInvalid
   */
  fail(at: number, problem: string, expected: string): never {
    throw new ExpressionInvalid(this.field, at + 1, problem, expected);
  }
}
