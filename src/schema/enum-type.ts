import 'reflect-metadata';
import { registerEnumType } from 'type-graphql';

/**
 * Registers the GraphQL enum of a closed list (see entities/enums.ts) and returns what `@Field(() => …)` takes for it.
 * @param values what each value means; a missing or surplus one does not compile
 */
export function enumType<T extends string>(
  name: string,
  list: readonly T[],
  description: string,
  values: Readonly<Record<T, string>>,
): Readonly<Record<T, T>> {
  const members = Object.fromEntries(list.map((value) => [value, value])) as Record<T, T>;
  registerEnumType(members, {
    name,
    description,
    valuesConfig: Object.fromEntries(list.map((value) => [value, { description: values[value] }])) as Record<
      T,
      { description: string }
    >,
  });
  return members;
}
