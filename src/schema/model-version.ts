import { Field, Float, Int, ObjectType } from 'type-graphql';
import type * as rows from '../entities';
import { Artifact } from './artifact';
import { connectionType } from './connection';
import { ScalarDtype, Stage } from './enums';
import { Node } from './node';
import { nullable } from './nullable';
import { ArtifactRole } from './registry-enums';
import { DateTime, FeatureRow, type FeatureRowValue, JSONObject } from './scalars';

@ObjectType({ description: 'One thing that a model was trained with.' })
export class Param {
  @Field(() => String, { description: 'Its name.' })
  name!: string;

  @Field(() => String, { description: 'Its value, as text.' })
  value!: string;
}

@ObjectType({ description: 'One raw feature that a model takes.' })
class SignatureInput {
  @Field(() => String, { description: 'Its name in the feature service.' })
  name!: string;

  @Field(() => ScalarDtype, { description: 'Its type.' })
  dtype!: rows.ScalarDtype;
}

@ObjectType({ description: 'A tensor that a model gives.' })
class SignatureOutput {
  @Field(() => String, { description: 'Its name in the model.' })
  name!: string;

  @Field(() => String, { description: 'Its element type: float32, int64, …' })
  datatype!: string;

  @Field(() => [Int], { description: 'Its dimensions; -1 is any size.' })
  shape!: number[];
}

@ObjectType({ description: 'What a version takes and gives.' })
class ModelSignature {
  @Field(() => [SignatureInput], { description: 'The raw features, before preprocessing.' })
  inputs!: SignatureInput[];

  @Field(() => [SignatureOutput], nullable('What it gives; null where its maker did not say.'))
  outputs?: SignatureOutput[] | null;

  @Field(() => FeatureRow, nullable('A row of features that it was tried with, where its maker gave one.'))
  inputExample?: FeatureRowValue | null;
}

@ObjectType({ description: 'Stored bytes of a version.' })
export class ArtifactRef extends Artifact {
  @Field(() => ArtifactRole, { description: 'What they are to the version.' })
  role!: string;
}

@ObjectType({ implements: Node, description: 'A submission that passed the quality gate, with its number and stage.' })
export class ModelVersion extends Node {
  @Field(() => Int, { description: 'From 1, without gaps; never given twice.' })
  version!: number;

  @Field(() => Stage, { description: 'Where it is in its life.' })
  stage!: rows.Stage;

  @Field(() => String, { description: 'What is new in it; may be empty.' })
  description!: string;

  @Field(() => JSONObject, { description: 'Free names and values.' })
  tags!: Record<string, string>;

  @Field(() => String, nullable('Why it cannot answer predictions; null when it can.'))
  notServableReason!: string | null;

  @Field(() => Float, { description: 'A probability from here on is answered with yes.' })
  decisionThreshold!: number;

  @Field(() => ModelSignature, { description: 'What it takes.' })
  signature!: rows.ModelSignature;

  @Field(() => String, nullable('Fingerprint of the dataset that it was trained on.'))
  datasetFingerprint!: string | null;

  @Field(() => String, nullable('The commit of the code that made it, where it was given.'))
  codeCommit!: string | null;

  @Field(() => JSONObject, {
    description: 'Where it was made, as its maker says: versions of languages and libraries.',
  })
  environment!: Record<string, unknown>;

  @Field(() => Int, { description: 'Counts changes.' })
  revision!: number;

  @Field(() => String, { description: 'Who registered it.' })
  createdBy!: string;

  @Field(() => DateTime, { description: 'When it was registered.' })
  createdAt!: Date;

  @Field(() => DateTime, { description: 'When it was last changed.' })
  updatedAt!: Date;

  @Field(() => DateTime, nullable('When it was deleted; null for all that the queries find.'))
  deletedAt!: Date | null;
}

export const ModelVersionConnection = connectionType('ModelVersion', () => ModelVersion);
