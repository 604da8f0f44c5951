import type { FeatureQualityRule } from '../../../entities';
import { InvalidInput } from '../../../errors';
import type { OfflineStore } from '../offline/offline-store';
import { isProblem, parseValue } from '../rows/feature-value';
import { ruleName } from './quality-rules.policy';

/**
 * Checks the regular expressions of rules by the engine that will evaluate them.
 * @throws InvalidInput naming the rule and the position of the character at fault, from 1
 */
export async function checkPatterns(
  offline: Pick<OfflineStore, 'patternProblem'>,
  rules: readonly FeatureQualityRule[],
): Promise<void> {
  for (const [index, { kind, field, pattern }] of rules.entries()) {
    if (pattern === null) continue;
    const refuse = (problem: string, position: number | null): never => {
      const at = ['input', 'qualityRules', String(index), 'pattern'];
      const where = position === null ? '' : `, character ${position}`;
      throw new InvalidInput(at, `${ruleName({ kind, field })}${where}: ${problem}`, { position });
    };
    const text = parseValue('STRING', pattern);
    if (isProblem(text)) refuse(`must be ${text.expected}`, null);
    const found = await offline.patternProblem(pattern);
    if (found)
      refuse(
        `${found.problem}; expected an RE2 expression, which has no look-around and no back-references`,
        found.position,
      );
  }
}
