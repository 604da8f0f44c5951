import { Field, Float, InputType, Int } from 'type-graphql';
import type * as search from '../services/registry';
import { nullable } from './nullable';
import { DateTime } from './scalars';

const LIKE = 'A pattern: % is any text, _ one character, \\ before either takes it for itself.';

@InputType({ description: 'Conditions on a text; all that are given must hold.' })
export class TextFilter implements search.TextMatch {
  @Field(() => String, nullable('Exactly this.'))
  equals?: string | null;

  @Field(() => String, nullable('Anything but this.'))
  notEquals?: string | null;

  @Field(() => String, nullable(`${LIKE} Case-sensitive.`))
  like?: string | null;

  @Field(() => String, nullable(`${LIKE} Whatever the case.`))
  ilike?: string | null;

  @Field(() => [String], nullable('One of these.'))
  in?: string[] | null;
}

@InputType({ description: 'Conditions on a whole number; all that are given must hold.' })
export class IntFilter implements search.NumberMatch {
  @Field(() => Int, nullable('Exactly this.'))
  equals?: number | null;

  @Field(() => Int, nullable('Anything but this.'))
  notEquals?: number | null;

  @Field(() => Int, nullable('Below this.'))
  lessThan?: number | null;

  @Field(() => Int, nullable('This or below.'))
  atMost?: number | null;

  @Field(() => Int, nullable('Above this.'))
  moreThan?: number | null;

  @Field(() => Int, nullable('This or above.'))
  atLeast?: number | null;

  @Field(() => [Int], nullable('One of these.'))
  in?: number[] | null;
}

@InputType({ description: 'A stretch of time.' })
export class TimeFilter implements search.TimeMatch {
  @Field(() => DateTime, nullable('Its first moment; null for no beginning.'))
  from?: Date | null;

  @Field(() => DateTime, nullable('The first moment behind it; null for no end.'))
  before?: Date | null;
}

const EXISTS = 'Whether it is there at all, with whatever value.';
const ABSENT = 'Where it is absent nothing holds but exists: false; for "another value or none" say not: { … equals }.';

@InputType({ description: `Conditions on the value of one tag; all that are given must hold. ${ABSENT}` })
export class TagFilter extends TextFilter implements search.TagMatch {
  @Field(() => String, { description: 'Its key.' })
  key!: string;

  @Field(() => Boolean, nullable(EXISTS))
  exists?: boolean | null;
}

@InputType({ description: `Conditions on one training parameter; all that are given must hold. ${ABSENT}` })
export class ParamFilter extends TextFilter implements search.ParamMatch {
  @Field(() => String, { description: 'Its name.' })
  name!: string;

  @Field(() => Boolean, nullable(EXISTS))
  exists?: boolean | null;
}

@InputType({ description: `Conditions on one metric; all that are given must hold. ${ABSENT}` })
export class MetricFilter implements search.MetricMatch {
  @Field(() => String, { description: 'Its name.' })
  name!: string;

  @Field(() => String, nullable('The rows that it was measured on; held_out where it is absent.'))
  split?: string | null;

  @Field(() => Float, nullable('Exactly this.'))
  equals?: number | null;

  @Field(() => Float, nullable('Anything but this.'))
  notEquals?: number | null;

  @Field(() => Float, nullable('Below this.'))
  lessThan?: number | null;

  @Field(() => Float, nullable('This or below.'))
  atMost?: number | null;

  @Field(() => Float, nullable('Above this.'))
  moreThan?: number | null;

  @Field(() => Float, nullable('This or above.'))
  atLeast?: number | null;

  @Field(() => [Float], nullable('One of these.'))
  in?: number[] | null;

  @Field(() => Boolean, nullable(EXISTS))
  exists?: boolean | null;
}
