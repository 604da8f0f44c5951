import { Field, ObjectType } from 'type-graphql';
import type * as rows from '../entities';
import { DefinitionChangeKind } from './feature-enums';

@ObjectType({ description: 'A part of a definition that has another type or meaning.' })
export class ChangedPart {
  @Field(() => String, { description: 'Name of the field or feature; `ttlSeconds` for a view’s TTL.' })
  name!: string;

  @Field(() => String, { description: 'What it was: its type, and for a feature what it is taken from.' })
  before!: string;

  @Field(() => String, { description: 'What it is.' })
  after!: string;
}

@ObjectType({
  description: 'A version of a feature service that takes what a breaking change is about. It stays pinned as it is.',
})
export class DefinitionDependent {
  @Field(() => [String], { description: 'Its features that are concerned, those computed from them included.' })
  features!: readonly string[];

  @Field(() => Boolean, {
    description: 'Whether there are more than the 100 `modelVersions`; the query `lineage` has them all.',
  })
  hasMoreModelVersions!: boolean;
}

@ObjectType({
  description:
    'What applying a definition means for those who use it. Services stay pinned to the versions of views, and models to those of services, until they ' +
    'are applied or trained again; so a breaking change breaks nothing at once.',
})
export class DefinitionChange {
  @Field(() => DefinitionChangeKind, { description: 'How far the change reaches.' })
  kind!: rows.DefinitionChangeKind;

  @Field(() => [String], { description: 'Fields or features that are new.' })
  added!: readonly string[];

  @Field(() => [String], { description: 'Fields or features that are gone.' })
  removed!: readonly string[];

  @Field(() => [ChangedPart], { description: 'Fields or features that have another type or meaning, and the TTL.' })
  changed!: readonly ChangedPart[];

  @Field(() => [DefinitionDependent], {
    description:
      'Where the change is BREAKING, the versions of services that take what is gone or changed, by name: of a view those that are current or that models ' +
      'were made with, of a service those that models were made with.',
  })
  dependents!: readonly DefinitionDependent[];

  @Field(() => [String], { description: 'The same in sentences.' })
  warnings!: readonly string[];
}
