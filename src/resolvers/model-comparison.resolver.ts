import { FieldResolver, Resolver, Root } from 'type-graphql';
import { type NodeKind, toGlobalId } from '../schema/global-id';
import { LineageComparison } from '../schema/model-comparison';
import type * as registry from '../services/registry';

/** The facts that are things of their own, which `node` finds. */
const KINDS: Readonly<Partial<Record<registry.LineageFact, NodeKind>>> = {
  DATASET: 'Dataset',
  FEATURE_SERVICE_VERSION: 'FeatureServiceVersion',
  TRAINING_RUN: 'TrainingRun',
};

@Resolver(() => LineageComparison)
export class LineageComparisonResolver {
  @FieldResolver(() => [String], {
    nullable: 'items',
    description:
      'In the order of the versions: ids for `node`, but for fingerprints and commits; null where it is not known.',
  })
  values(@Root() { fact, values }: registry.LineageComparison): (string | null)[] {
    const kind = KINDS[fact];
    return values.map((value) => (kind === undefined || value === null ? value : toGlobalId(kind, value)));
  }
}
