import { Field, Float, ID, InputType, Int, ObjectType } from 'type-graphql';
import type * as rows from '../entities';
import { connectionType } from './connection';
import { DefinitionChange } from './definition-change';
import { Dtype, QualitySeverity } from './enums';
import { FeatureDriftMeasure, FeatureQualityKind } from './feature-enums';
import { Node } from './node';
import { nullable } from './nullable';
import { DateTime, JSONObject } from './scalars';
import { MutationPayload } from './user-error';

@ObjectType({ description: 'A column of features.' })
export class FeatureField {
  @Field(() => String, { description: 'Unique within the view.' })
  name!: string;

  @Field(() => Dtype, { description: 'Type of its values.' })
  dtype!: rows.Dtype;

  @Field(() => String, { description: 'What it means; may be empty.' })
  description!: string;
}

@ObjectType({ description: 'What shall hold of the rows of a view.' })
export class FeatureQualityRule {
  @Field(() => String, nullable('The field that it is about; null for rules about the view.'))
  field!: string | null;

  @Field(() => FeatureQualityKind, { description: 'What it asks.' })
  kind!: rows.FeatureQualityKind;

  @Field(() => QualitySeverity, {
    description: 'BLOCK: while it fails, the view is neither materialized nor used in a dataset.',
  })
  severity!: rows.QualitySeverity;

  @Field(() => Float, nullable('Least ratio, value or number of rows.'))
  minimum!: number | null;

  @Field(() => Float, nullable('Greatest value or number of rows.'))
  maximum!: number | null;

  @Field(() => [String], nullable('The values that may be.'))
  allowedValues!: readonly string[] | null;

  @Field(() => String, nullable('What a whole value must match, in RE2’s syntax.'))
  pattern!: string | null;

  @Field(() => Float, nullable('How old the newest event may be.'))
  maxAgeSeconds!: number | null;

  @Field(() => FeatureDriftMeasure, nullable('What is held against the threshold.'))
  measure!: rows.FeatureDriftMeasure | null;

  @Field(() => Float, nullable('From which on the measure is a drift.'))
  threshold!: number | null;
}

@ObjectType({
  implements: Node,
  description:
    'A group of features of one entity that arrive together. Fields and TTL are its schema: changing them makes a new version.',
})
export class FeatureView extends Node {
  @Field(() => String, { description: 'Unique among views.' })
  name!: string;

  @Field(() => Int, { description: 'The current version, from 1.' })
  version!: number;

  @Field(() => [FeatureField], { description: 'Its columns.' })
  fields!: FeatureField[];

  @Field(() => Float, nullable('How long values are good for; older ones are OUTSIDE_TTL. Null: for ever.'))
  ttlSeconds!: number | null;

  @Field(() => String, { description: 'What it is; may be empty.' })
  description!: string;

  @Field(() => String, { description: 'Who answers for it.' })
  owner!: string;

  @Field(() => JSONObject, { description: 'Free names and values.' })
  tags!: Record<string, string>;

  @Field(() => [FeatureQualityRule], { description: 'What its rows are held to.' })
  qualityRules!: FeatureQualityRule[];

  @Field(() => Int, { description: 'Counts changes.' })
  revision!: number;

  @Field(() => DateTime, { description: 'When it was created.' })
  createdAt!: Date;

  @Field(() => DateTime, { description: 'When it was last changed.' })
  updatedAt!: Date;
}

export const FeatureViewConnection = connectionType('FeatureView', () => FeatureView);

@InputType({ description: 'A column of features.' })
class FeatureFieldInput {
  @Field(() => String, { description: '1 to 63 lower-case letters, digits and "_", beginning with a letter.' })
  name!: string;

  @Field(() => Dtype, { description: 'Type of its values.' })
  dtype!: rows.Dtype;

  @Field(() => String, nullable('What it means; stays as it is where absent.'))
  description?: string | null;
}

@InputType({ description: 'A rule for the rows of a view. Leave out what its kind does not use.' })
class FeatureQualityRuleInput {
  @Field(() => String, nullable('The field that it is about; left out for rules about the view.'))
  field?: string | null;

  @Field(() => FeatureQualityKind, { description: 'What it asks.' })
  kind!: rows.FeatureQualityKind;

  @Field(() => QualitySeverity, { description: 'Whether a failure only warns or also blocks.' })
  severity!: rows.QualitySeverity;

  @Field(() => Float, nullable('Least ratio (NOT_NULL_RATIO), value (RANGE) or number of rows (ROW_COUNT).'))
  minimum?: number | null;

  @Field(() => Float, nullable('Greatest value (RANGE) or number of rows (ROW_COUNT).'))
  maximum?: number | null;

  @Field(() => [String], nullable('The values that may be (ALLOWED_VALUES); BOOL as "true" and "false".'))
  allowedValues?: string[] | null;

  @Field(() => String, nullable('What a whole value must match (PATTERN), in RE2’s syntax; at most 1,000 characters.'))
  pattern?: string | null;

  @Field(() => Float, nullable('How old the newest event may be (FRESHNESS).'))
  maxAgeSeconds?: number | null;

  @Field(() => FeatureDriftMeasure, nullable('What is held against the threshold (DRIFT).'))
  measure?: rows.FeatureDriftMeasure | null;

  @Field(() => Float, nullable('From which on the measure is a drift (DRIFT); above 0.'))
  threshold?: number | null;

  @Field(() => ID, nullable('The quality report of this view, or the dataset, that DRIFT compares with.'))
  referenceId?: string | null;
}

@InputType({
  description:
    'A view as it shall be: made where it does not exist, else changed. Applying the same again changes nothing.',
})
export class ApplyFeatureViewInput {
  @Field(() => String, {
    description: 'Unique; 1 to 63 lower-case letters, digits and "_", beginning with a letter.',
  })
  name!: string;

  @Field(() => String, { description: 'Name of the entity that it is about. A view keeps it.' })
  entity!: string;

  @Field(() => [FeatureFieldInput], { description: '1 to 1,000. Other names or types make a new version.' })
  fields!: FeatureFieldInput[];

  @Field(() => Float, nullable('How long values are good for; null: for ever. Another TTL makes a new version.'))
  ttlSeconds?: number | null;

  @Field(() => String, nullable('What it is; stays as it is where absent.'))
  description?: string | null;

  @Field(() => String, nullable('Who answers for it; at first the caller.'))
  owner?: string | null;

  @Field(() => JSONObject, nullable('All its tags: texts by name.'))
  tags?: Record<string, unknown> | null;

  @Field(() => [FeatureQualityRuleInput], nullable('All its rules; they stay as they are where absent.'))
  qualityRules?: FeatureQualityRuleInput[] | null;

  @Field(() => Boolean, {
    description: 'Only answers what applying it would change: nothing is written.',
    defaultValue: false,
  })
  dryRun!: boolean;

  @Field(
    () => String,
    nullable(
      'When it is materialized by the clock: minute, hour, day of month, month and day of week in UTC, such as "0 3 * * *", or @hourly, @daily, @weekly ' +
        'or @monthly. It stays as it is where absent; null: not any more.',
    ),
  )
  materializationSchedule?: string | null;

  @Field(() => String, nullable('When a quality report is made by the clock, with a profile of every field; likewise.'))
  qualitySchedule?: string | null;
}

@ObjectType({ description: 'The view as it is now.' })
export class ApplyFeatureViewPayload extends MutationPayload {
  @Field(() => FeatureView, nullable('Null when there are userErrors, or where a dry run would make it.'))
  featureView?: FeatureView | null;

  @Field(() => DefinitionChange, nullable('What it means for those who use it; null when there are userErrors.'))
  change?: DefinitionChange | null;
}
