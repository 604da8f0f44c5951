import { Arg, Ctx, FieldResolver, ID, Mutation, Resolver, Root } from 'type-graphql';
import type { Context } from '../schema/context';
import { fromGlobalId, toGlobalId } from '../schema/global-id';
import { ApiToken, CreateTokenInput, CreateTokenPayload, RevokeTokenInput, RevokeTokenPayload } from '../schema/token';

@Resolver(() => ApiToken)
export class TokenResolver {
  @Mutation(() => CreateTokenPayload, { description: 'Makes a bearer token. Administrators only.' })
  createToken(@Arg('input', () => CreateTokenInput) input: CreateTokenInput, @Ctx() ctx: Context) {
    return ctx.services.tokens.create(input, ctx.actor);
  }

  @Mutation(() => RevokeTokenPayload, { description: 'Ends a bearer token at once. Administrators only.' })
  async revokeToken(@Arg('input', () => RevokeTokenInput) input: RevokeTokenInput, @Ctx() ctx: Context) {
    return { token: await ctx.services.tokens.revoke(fromGlobalId(input.id, 'ApiToken', 'input.id'), ctx.actor) };
  }

  @FieldResolver(() => ID, { description: 'What revokeToken takes.' })
  id(@Root() token: { id: string }): string {
    return toGlobalId('ApiToken', token.id);
  }
}
