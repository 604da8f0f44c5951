import { Field, InputType, Int, ObjectType } from 'type-graphql';
import type * as rows from '../entities';
import { connectionType } from './connection';
import { DriftVerdict, ReportStatus, ReportWindowKind } from './enums';
import { DriftReportJob } from './job';
import { Node } from './node';
import { nullable } from './nullable';
import { DateTime } from './scalars';
import { MutationPayload } from './user-error';

@ObjectType({ implements: Node, description: 'A window of predictions compared with the reference of their version.' })
export class DriftReport extends Node {
  @Field(() => ReportStatus, { description: 'Whether it can be read yet.' })
  status!: rows.ReportStatus;

  @Field(() => DateTime, { description: 'Predictions made from here on are in it.' })
  windowStart!: Date;

  @Field(() => DateTime, { description: 'Predictions made before this are in it.' })
  windowEnd!: Date;

  @Field(() => ReportWindowKind, { description: 'How the window was asked for.' })
  windowKind!: rows.ReportWindowKind;

  @Field(() => Int, nullable('How many predictions were asked for, of LAST_ROWS; there may have been fewer.'))
  windowRowLimit!: number | null;

  @Field(() => DriftVerdict, nullable('The conclusion; null until it is READY.'))
  verdict!: rows.DriftVerdict | null;

  @Field(() => Int, {
    description:
      'Counts what it says: 1 as it was first, and one more each time that outcomes which came or were corrected later changed its concept part, its performance or its verdict.',
  })
  revision!: number;

  @Field(
    () => DateTime,
    nullable('When late outcomes last changed it; reports whose window ended 30 days ago are left as they are.'),
  )
  recomputedAt!: Date | null;

  @Field(() => String, { description: 'Who asked for it.' })
  createdBy!: string;

  @Field(() => DateTime, { description: 'When it was asked for.' })
  createdAt!: Date;
}

export const DriftReportConnection = connectionType('DriftReport', () => DriftReport);

@InputType({ description: 'A window of predictions to look at: exactly one of from with to, lastRows, and sinceLast.' })
export class RunDriftReportInput {
  @Field(() => String, { description: 'Name of the model.' })
  model!: string;

  @Field(() => Int, nullable('Number of the version; the production version where absent.'))
  version?: number | null;

  @Field(() => DateTime, nullable('Start of the window, inclusive; with to.'))
  from?: Date | null;

  @Field(() => DateTime, nullable('End of the window, exclusive; with from.'))
  to?: Date | null;

  @Field(() => Int, nullable('The newest so many PRIMARY predictions, at most 10,000,000.'))
  lastRows?: number | null;

  @Field(
    () => Boolean,
    nullable('From the end of the version’s last READY report, the first time from its first prediction, to now.'),
  )
  sinceLast?: boolean | null;

  @Field(
    () => Boolean,
    nullable(
      'Also the KS tests of losses, residuals and scores, which a change of the traffic alone alarms: no verdicts.',
    ),
  )
  confounded?: boolean | null;

  @Field(() => String, nullable('Makes a repeated request harmless for 24 hours.'))
  idempotencyKey?: string | null;
}

@ObjectType({ description: 'The report, which its job fills.' })
export class RunDriftReportPayload extends MutationPayload {
  @Field(() => DriftReport, nullable('Null when there are userErrors.'))
  driftReport?: DriftReport | null;

  @Field(() => DriftReportJob, nullable('Follow it with job or jobProgressed.'))
  job?: DriftReportJob | null;
}
