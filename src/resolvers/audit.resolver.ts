import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import type * as rows from '../entities';
import { AuditEntry, AuditEntryConnection } from '../schema/audit-entry';
import { AuditHeadInput, AuditVerification } from '../schema/audit-verification';
import { ConnectionArgs, toConnection } from '../schema/connection';
import type { Context } from '../schema/context';
import { Model } from '../schema/model';
import { nullable } from '../schema/nullable';
import { DateTime } from '../schema/scalars';
import { modelOfChain } from '../services/audit';
import { modelById } from './registry.loaders';

@Resolver(() => AuditEntry)
export class AuditEntryResolver {
  @Query(() => AuditEntryConnection, { description: 'Who changed what, newest first.' })
  async auditEntries(
    @Arg('model', () => String, nullable('Of the chain of this model, deleted ones included; null for all chains.'))
    model: string | null | undefined,
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Arg('action', () => String, nullable('Only of this action, such as `version.transition`.'))
    action: string | null | undefined,
    @Arg('actor', () => String, nullable('Only by this actor.')) actor: string | null | undefined,
    @Arg('from', () => DateTime, nullable('Only from this moment on.')) from: Date | null | undefined,
    @Arg('to', () => DateTime, nullable('Only before this moment.')) to: Date | null | undefined,
    @Ctx() ctx: Context,
  ) {
    const search = { model, action, actor, from, to };
    return toConnection(await ctx.services.auditHistory.entries(search, args));
  }

  @Query(() => AuditVerification, {
    description: 'Recomputes an audit chain from its first entry and says whether it is whole.',
  })
  async verifyAuditTrail(
    @Arg(
      'model',
      () => String,
      nullable('Name of the model; null for the chain of everything that belongs to no model.'),
    )
    model: string | null | undefined,
    @Arg(
      'expectedHead',
      () => AuditHeadInput,
      nullable('A head of this chain that you kept: with it, a cut tail and a rewritten whole are noticed, too.'),
    )
    expectedHead: AuditHeadInput | null | undefined,
    @Ctx() ctx: Context,
  ) {
    return ctx.services.auditHistory.verify(model ?? null, expectedHead ?? null);
  }

  @FieldResolver(() => Model, nullable('The model whose chain it stands in; null for the platform’s chain.'))
  model(@Root() { chain }: rows.AuditEntry, @Ctx() ctx: Context) {
    const modelId = modelOfChain(chain);
    return modelId === null ? null : modelById(ctx).load(modelId);
  }

  @FieldResolver(() => String, { description: 'The type of what was changed: `Model`, `ModelVersion`, `Alert`, …' })
  subjectType(@Root() { subject }: rows.AuditEntry): string {
    return subject.slice(0, subject.indexOf(':'));
  }

  @FieldResolver(() => ID, { description: 'The id of what was changed, for `node`.' })
  subjectId(@Root() { subject }: rows.AuditEntry): string {
    return Buffer.from(subject).toString('base64url');
  }

  @FieldResolver(() => String, { description: 'Hash of the entry before it, in hexadecimal; zeros for the first one.' })
  previousHash(@Root() { previousHash }: rows.AuditEntry): string {
    return previousHash.toString('hex');
  }

  @FieldResolver(() => String, { description: 'SHA-256 over it and the hash before it, in hexadecimal.' })
  hash(@Root() { hash }: rows.AuditEntry): string {
    return hash.toString('hex');
  }
}
