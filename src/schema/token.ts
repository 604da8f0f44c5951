import { Field, ID, InputType, ObjectType } from 'type-graphql';
import type { Role as RoleName } from '../entities/enums';
import { Role } from './enums';
import { nullable } from './nullable';
import { DateTime } from './scalars';
import { MutationPayload } from './user-error';

@ObjectType({ description: 'A bearer token. Its secret is shown once, when it is made; only a hash is kept.' })
export class ApiToken {
  @Field(() => String, { description: 'What it is for.' })
  name!: string;

  @Field(() => String, { description: 'The actor as whom its holder is audited.' })
  actor!: string;

  @Field(() => [Role], { description: 'What its holder may do.' })
  roles!: readonly string[];

  @Field(() => String, { description: 'Who made it.' })
  createdBy!: string;

  @Field(() => DateTime, { description: 'When it was made.' })
  createdAt!: Date;

  @Field(() => DateTime, nullable('When it stops working; null for never.'))
  expiresAt!: Date | null;

  @Field(() => DateTime, nullable('When it was revoked.'))
  revokedAt!: Date | null;
}

@InputType({ description: 'A token to make.' })
export class CreateTokenInput {
  @Field(() => String, { description: 'What it is for.' })
  name!: string;

  @Field(() => String, { description: 'The actor as whom its holder is audited.' })
  actor!: string;

  @Field(() => [Role], { description: 'What its holder may do; at least one role.' })
  roles!: RoleName[];

  @Field(() => DateTime, nullable('When it stops working; null for never.'))
  expiresAt?: Date | null;
}

@ObjectType({ description: 'The token that was made, with its secret.' })
export class CreateTokenPayload extends MutationPayload {
  @Field(() => ApiToken, nullable('Null when there are userErrors.'))
  token?: ApiToken | null;

  @Field(() => String, nullable('Send it as "Authorization: Bearer <secret>". It cannot be shown again.'))
  secret?: string | null;
}

@InputType({ description: 'A token to revoke.' })
export class RevokeTokenInput {
  @Field(() => ID, { description: 'The token’s id.' })
  id!: string;
}

@ObjectType({ description: 'The token that was revoked; it works no longer.' })
export class RevokeTokenPayload extends MutationPayload {
  @Field(() => ApiToken, nullable('Null when there are userErrors.'))
  token?: ApiToken | null;
}
