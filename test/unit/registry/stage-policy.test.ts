import fc from 'fast-check';
import { STAGES, type Stage } from '../../../src/entities';
import { StageTransitionNotAllowed } from '../../../src/errors';
import { assertTransitionAllowed, stagesFrom } from '../../../src/services/registry/stage.policy';

const anyStage = fc.constantFrom(...STAGES);

describe('The stage table', () => {
  it.each<[Stage, Stage[]]>([
    ['NONE', ['STAGING', 'ARCHIVED']],
    ['STAGING', ['PRODUCTION', 'ARCHIVED']],
    ['PRODUCTION', ['ARCHIVED']],
    ['ARCHIVED', ['STAGING']],
  ])('lets a version go from %s to %j', (from, to) => {
    expect(stagesFrom(from, false)).toEqual(to);
  });

  it('lets an archived version roll back to PRODUCTION only if it was there before', () => {
    expect(stagesFrom('ARCHIVED', true)).toContain('PRODUCTION');
    expect(stagesFrom('ARCHIVED', false)).not.toContain('PRODUCTION');
  });

  it('never lets a version stay, return to NONE, or reach PRODUCTION without having been staged', () => {
    fc.assert(
      fc.property(anyStage, fc.boolean(), (from, wasProduction) => {
        const allowed = stagesFrom(from, wasProduction);
        expect(allowed).not.toContain(from);
        expect(allowed).not.toContain('NONE');
        expect(!allowed.includes('PRODUCTION') || from === 'STAGING' || wasProduction).toBe(true);
      }),
    );
  });

  it('names the stages that are allowed when it refuses', () => {
    expect(() => assertTransitionAllowed('NONE', 'PRODUCTION', false)).toThrow(StageTransitionNotAllowed);
    expect(() => assertTransitionAllowed('NONE', 'PRODUCTION', false)).toThrow(
      /From NONE it can go to STAGING or ARCHIVED/,
    );
  });
});
