import { Field, ObjectType } from 'type-graphql';
import { CORRECTABLE_CODES, type DomainError } from '../errors';
import { enumType } from './enum-type';
import { nullable } from './nullable';

const UserErrorCode = enumType(
  'UserErrorCode',
  CORRECTABLE_CODES,
  'What kept a mutation from being done, where the caller can mend it.',
  {
    INVALID_INPUT: 'A value of the input is not acceptable.',
    NOT_FOUND: 'What the input names does not exist.',
    ALREADY_EXISTS: 'The name is taken.',
    STALE_REVISION: 'The thing was changed since it was read.',
    STAGE_CONFLICT: 'The version is not in the expected stage.',
    STAGE_TRANSITION_NOT_ALLOWED: 'No way leads from its stage to that one.',
    BASELINE_CHANGED: 'Another version went to production since the evaluation.',
    NOT_SERVABLE: 'The version cannot answer predictions.',
    NOT_READY: 'What the call builds on has not finished, or has failed.',
    QUALITY_BLOCKED: 'A blocking rule of data quality failed.',
    IN_USE: 'Others depend on it.',
    APPROVAL_REQUIRED: 'Others have to approve this move.',
    REQUEST_CLOSED: 'The request was decided, or has run out.',
    SELF_APPROVAL: 'Nobody approves a request of his own.',
    ARTIFACT_TOO_LARGE: 'More bytes than an artifact may have on this server.',
    RUN_IN_PROGRESS: 'A training run of the model is in progress.',
    PREDICTION_EXPIRED: 'The prediction is older than predictions are kept.',
    IDEMPOTENCY_KEY_REUSED: 'The key was used with another input.',
    CURSOR_INVALID: 'The cursor is not one of this list.',
    CURSOR_EXPIRED: 'The events after the cursor are no longer kept.',
    LISTENER_TOO_SLOW: 'The listener fell too far behind.',
    CANCELLED: 'It was cancelled.',
  },
);

@ObjectType({
  description:
    'Why a mutation was not done, and what to do about it. Nothing was changed, but for what the message says.',
})
export class UserError {
  @Field(() => UserErrorCode, { description: 'For programs.' })
  code!: string;

  @Field(() => [String], nullable('Path of the input at fault, for example ["input", "rows", "3", "tenure"].'))
  field!: readonly string[] | null;

  @Field(() => String, { description: 'For people: what is wrong, and the remedy.' })
  message!: string;
}

/**
 * Every payload of a mutation extends this, and its other fields are nullable. Resolvers return the other fields only: userErrors are filled in
 * by the schema (server/wrap-mutations.ts), which also turns correctable DomainErrors into them.
 *
 *     @ObjectType({ description: 'The model that was made.' })
 *     export class CreateModelPayload extends MutationPayload {
 *       @Field(() => Model, nullable('Null when there are userErrors.')) model?: Model | null;
 *     }
 */
@ObjectType()
export abstract class MutationPayload {
  @Field(() => [UserError], { description: 'Empty when it was done.' })
  userErrors!: UserError[];
}

export const toUserError = (error: DomainError): UserError => ({
  code: error.code,
  field: error.field,
  message: error.message,
});
