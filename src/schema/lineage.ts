import { ArgsType, Field, ID, Int, ObjectType } from 'type-graphql';
import type * as services from '../services/lineage';
import { PageInfo } from './connection';
import { LineageDirection } from './feature-enums';
import { nullable } from './nullable';

@ArgsType()
export class LineageArgs {
  @Field(() => ID, { description: 'Where to start: any id that this API gave.' })
  id!: string;

  @Field(() => LineageDirection, { description: 'Which way to walk.' })
  direction!: services.LineageDirection;

  @Field(() => Int, { description: 'How many steps, 1 to 20.', defaultValue: 3 })
  depth!: number;

  @Field(
    () => [String],
    nullable(
      'Only nodes of these kinds are answered, for example ["ModelVersion"] for the models that a view goes into; the walk leads over all. Absent: all kinds.',
    ),
  )
  kinds?: string[] | null;

  @Field(() => Int, { description: 'How many nodes, from 1 to 100.', defaultValue: 100 })
  first!: number;

  @Field(() => String, nullable('The endCursor of the page before; null for the first page.'))
  after?: string | null;
}

@ObjectType({ description: 'Something that was made of others, or that others were made of.' })
export class LineageNode {
  @Field(() => ID, { description: 'Its id: what the query `lineage` takes, and `node`, where it is a Node.' })
  id!: string;

  @Field(() => String, { description: 'What it is, for example FeatureView or ModelVersion.' })
  kind!: string;

  @Field(() => String, { description: 'What people call it.' })
  name!: string;

  @Field(() => Int, { description: 'Steps from where the walk started.' })
  distance!: number;
}

@ObjectType({ description: 'One thing was used to make another.' })
export class LineageEdge {
  @Field(() => ID, { description: 'What was used.' })
  fromId!: string;

  @Field(() => ID, { description: 'What was made.' })
  toId!: string;
}

@ObjectType({ description: 'What something was made of, or what was made of it.' })
export class LineageGraph {
  @Field(() => [LineageNode], { description: 'What was asked about, and what was reached, nearest first.' })
  nodes!: LineageNode[];

  @Field(() => [LineageEdge], {
    description: 'By what the nodes of this page were reached: over all pages, each once.',
  })
  edges!: LineageEdge[];

  @Field(() => PageInfo, { description: 'Where this page ends.' })
  pageInfo!: PageInfo;
}
