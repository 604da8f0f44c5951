import { Field, InputType, Int, ObjectType } from 'type-graphql';
import type * as rows from '../entities';
import { connectionType } from './connection';
import { DriftVerdict, ReportStatus } from './enums';
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

  @Field(() => DriftVerdict, nullable('The conclusion; null until it is READY.'))
  verdict!: rows.DriftVerdict | null;

  @Field(() => String, { description: 'Who asked for it.' })
  createdBy!: string;

  @Field(() => DateTime, { description: 'When it was asked for.' })
  createdAt!: Date;
}

export const DriftReportConnection = connectionType('DriftReport', () => DriftReport);

@InputType({ description: 'A window of predictions to look at.' })
export class RunDriftReportInput {
  @Field(() => String, { description: 'Name of the model.' })
  model!: string;

  @Field(() => Int, nullable('Number of the version; the production version where absent.'))
  version?: number | null;

  @Field(() => DateTime, { description: 'Start of the window, inclusive.' })
  from!: Date;

  @Field(() => DateTime, { description: 'End of the window, exclusive.' })
  to!: Date;

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
