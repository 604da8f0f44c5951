import {
  type FieldNode,
  getNamedType,
  getNullableType,
  isListType,
  type GraphQLField,
  type GraphQLNamedType,
  GraphQLError,
  isInterfaceType,
  isObjectType,
  Kind,
  type SelectionSetNode,
  type ValidationRule,
} from 'graphql';
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from '../schema/connection';

type MaybeType = GraphQLNamedType | undefined;

/**
 * Bounds how much one operation can ask for: the number of fields in its answer when every list is as long as its `first` says. Aliases and
 * lists within lists count alike (100 models × 100 versions × 100 transitions is a million at depth 9, which the depth limit lets through). A
 * `first` that comes by variable counts as the largest page, since rules do not see variables.
 */
export function maxFieldsRule(limit: number): ValidationRule {
  return (context) => {
    const schema = context.getSchema();
    // A fragment costs the same wherever it is spread; without this, fragments that spread one another twice take 2^n steps.
    const fragments = new Map<string, number>();

    const countFields = (selections: SelectionSetNode | undefined, parent: MaybeType): number =>
      (selections?.selections ?? []).reduce((total, selection) => {
        if (selection.kind === Kind.FIELD) {
          const field = fieldOf(parent, selection.name.value);
          const inner = countFields(selection.selectionSet, field && getNamedType(field.type));
          return total + 1 + pageSize(selection, field) * inner;
        }
        if (selection.kind === Kind.FRAGMENT_SPREAD) return total + countFragment(selection.name.value);
        const condition = selection.typeCondition?.name.value;
        return total + countFields(selection.selectionSet, condition ? schema.getType(condition) : parent);
      }, 0);

    const countFragment = (name: string): number => {
      const known = fragments.get(name);
      if (known !== undefined) return known;
      // For a fragment within itself, which another rule refuses.
      fragments.set(name, 0);
      const fragment = context.getFragment(name);
      const count = fragment
        ? countFields(fragment.selectionSet, schema.getType(fragment.typeCondition.name.value))
        : 0;
      fragments.set(name, count);
      return count;
    };

    return {
      OperationDefinition(operation) {
        const count = countFields(operation.selectionSet, schema.getRootType(operation.operation) ?? undefined);
        if (count <= limit) return;
        context.reportError(
          new GraphQLError(
            `This operation can ask for ${count} fields; the limit is ${limit}. Take smaller pages (first) or fewer lists within lists.`,
            { nodes: operation },
          ),
        );
      },
    };
  };
}

const fieldOf = (type: MaybeType, name: string): GraphQLField<unknown, unknown> | undefined =>
  isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined;

/** Items of a list that takes no `first`, such as the features of a prediction; few have more. */
const ASSUMED_ITEMS = 20;

/** How many items a list field answers at most. What a connection holds is as long as the connection's own `first`. */
function pageSize(node: FieldNode, field: GraphQLField<unknown, unknown> | undefined): number {
  if (!field) return 1;
  if (!field.args.some(({ name }) => name === 'first')) {
    const inPage = node.name.value === 'nodes' || node.name.value === 'edges';
    return node.selectionSet && !inPage && isListType(getNullableType(field.type)) ? ASSUMED_ITEMS : 1;
  }
  const first = node.arguments?.find(({ name }) => name.value === 'first')?.value;
  if (!first) return DEFAULT_PAGE_SIZE;
  return first.kind === Kind.INT ? Math.min(Number(first.value), MAX_PAGE_SIZE) : MAX_PAGE_SIZE;
}
