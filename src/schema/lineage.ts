import { Field, ID, ObjectType } from 'type-graphql';

@ObjectType({ description: 'Something that was made of others, or that others were made of.' })
export class LineageNode {
  @Field(() => ID, { description: 'Its id: what the query `lineage` takes, and `node`, where it is a Node.' })
  id!: string;

  @Field(() => String, { description: 'What it is, for example FeatureView or ModelVersion.' })
  kind!: string;

  @Field(() => String, { description: 'What people call it.' })
  name!: string;
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

  @Field(() => [LineageEdge], { description: 'How they hang together.' })
  edges!: LineageEdge[];
}
