import { Forbidden } from '../../../src/errors';
import { type Action, type Role, authorize, developmentActor, systemActor } from '../../../src/services/identity';

const actorWith = (...roles: Role[]) => ({ name: 'ada', requestId: 'r1', roles });

const mayDo = (roles: Role[], action: Action): boolean => {
  try {
    authorize(actorWith(...roles), action);
    return true;
  } catch (error) {
    if (error instanceof Forbidden) return false;
    throw error;
  }
};

test.each<[Role, Action[], Action[]]>([
  ['ADMIN', ['token.manage', 'model.create', 'prediction.make', 'read'], []],
  ['ENGINEER', ['model.create', 'version.transition', 'training.start', 'job.cancel', 'read'], ['token.manage']],
  [
    'SERVICE',
    ['feature.ingest', 'prediction.make', 'outcome.record', 'read'],
    ['model.create', 'version.transition', 'training.start', 'token.manage'],
  ],
  ['VIEWER', ['read'], ['prediction.make', 'feature.ingest', 'alert.handle', 'job.cancel', 'token.manage']],
])('a %s may do what the table says and nothing else', (role, allowed, refused) => {
  expect(allowed.filter((action) => !mayDo([role], action))).toEqual([]);
  expect(refused.filter((action) => mayDo([role], action))).toEqual([]);
});

test('one role that may is enough', () => {
  expect(mayDo(['VIEWER', 'ENGINEER'], 'model.create')).toBe(true);
});

test('an actor without a role may not even read', () => {
  expect(mayDo([], 'read')).toBe(false);
});

test('the refusal names the actor, the action and the roles that may', () => {
  expect(() => authorize(actorWith('VIEWER'), 'model.create')).toThrow(
    'ada may not model.create. It needs one of the roles ADMIN, ENGINEER.',
  );
});

test('Mooring itself and the development identity are administrators of their request', () => {
  expect(systemActor('system:drift-trigger', 'r9')).toEqual({
    name: 'system:drift-trigger',
    requestId: 'r9',
    roles: ['ADMIN'],
  });
  expect(developmentActor('r9')).toEqual({ name: 'development', requestId: 'r9', roles: ['ADMIN'] });
});
