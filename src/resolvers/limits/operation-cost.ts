import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  GraphQLIncludeDirective,
  type GraphQLNamedType,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getArgumentValues,
  getDirectiveValues,
  getNamedType,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { defaultPageSize } from '../page/read-page.js';

type Variables = Readonly<Record<string, unknown>>;

/** Length that is assumed of a list without arguments, e.g. the modes of a course run. */
const assumedListLength = 5;

/**
 * What an operation may cost at most, with its variables: each object counts one, and more where its field says so
 * (`complexity`, e.g. a grade that is one upstream call); lists count by the size that was asked for. Scalars are free.
 */
export function operationCost(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Variables,
): number {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions)
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);

  // Each fragment is looked into once: spread twice at each of 20 levels it would be looked into a million times.
  const fragmentCosts = new Map<string, number>();
  const costOfFragment = (name: string, type: GraphQLNamedType): number => {
    const known = fragmentCosts.get(name);
    if (known !== undefined) return known;
    const fragment = fragments.get(name);
    const cost = fragment
      ? costOf(fragment.selectionSet, narrowed(schema, type, fragment.typeCondition.name.value))
      : 0;
    fragmentCosts.set(name, cost);
    return cost;
  };

  const costOf = (selectionSet: SelectionSetNode, type: GraphQLNamedType): number => {
    let cost = 0;
    for (const selection of selectionSet.selections) {
      if (!isIncluded(selection, variables)) continue;
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        cost += costOfFragment(selection.name.value, type);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        cost += costOf(selection.selectionSet, narrowed(schema, type, selection.typeCondition?.name.value));
      } else {
        const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[selection.name.value] : undefined;
        if (!field) continue;
        const inner = selection.selectionSet ? costOf(selection.selectionSet, getNamedType(field.type)) : 0;
        cost += sizeOf(field, getArgumentValues(field, selection, variables), type) * (ownCost(field) + inner);
      }
    }
    return cost;
  };
  const root = schema.getRootType(operation.operation);
  return root ? costOf(operation.selectionSet, root) : 0;
}

function ownCost(field: GraphQLField<unknown, unknown>): number {
  const declared = field.extensions.complexity;
  if (typeof declared === 'number') return declared;
  return isCompositeType(getNamedType(field.type)) ? 1 : 0;
}

/** How often what is below a field is resolved. */
function sizeOf(field: GraphQLField<unknown, unknown>, args: Variables, parent: GraphQLNamedType): number {
  if (field.args.some((arg) => arg.name === 'first')) return positive(args.first ?? args.last) ?? defaultPageSize;
  if (Array.isArray(args.ids)) return args.ids.length;
  if (!isListType(getNullableType(field.type))) return 1;
  // The lists inside a connection are the page that the connection's own arguments sized.
  if (parent.name.endsWith('Connection')) return 1;
  return isCompositeType(getNamedType(field.type)) ? assumedListLength : 1;
}

function positive(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 ? value : undefined;
}

function narrowed(schema: GraphQLSchema, type: GraphQLNamedType, condition: string | undefined): GraphQLNamedType {
  const named = condition === undefined ? undefined : schema.getType(condition);
  return named && (isObjectType(named) || isAbstractType(named)) ? named : type;
}

function isIncluded(node: Parameters<typeof getDirectiveValues>[1], variables: Variables): boolean {
  const skip = getDirectiveValues(GraphQLSkipDirective, node, variables);
  const include = getDirectiveValues(GraphQLIncludeDirective, node, variables);
  return skip?.if !== true && include?.if !== false;
}
