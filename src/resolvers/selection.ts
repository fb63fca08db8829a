import {
  GraphQLIncludeDirective,
  type GraphQLResolveInfo,
  GraphQLSkipDirective,
  getDirectiveValues,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

/** What a resolver needs of the selection that it is resolved for. */
export type Selected = Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments' | 'variableValues'>;

/**
 * Names of the fields that a query asks for below the field that is being resolved, with their paths: `nodes`, `nodes.grade`. Aliases,
 * fragments, `@skip` and `@include` are looked through; a field of any type of a fragment counts.
 *
 * @param depth - how far down to look
 */
export function selectedPaths({ fieldNodes, fragments, variableValues }: Selected, depth: number): Set<string> {
  const paths = new Set<string>();
  const look = (selectionSet: SelectionSetNode | undefined, above: string, left: number): void => {
    if (left === 0) return;
    for (const selection of selectionSet?.selections ?? []) {
      if (isLeftOut(selection, variableValues)) continue;
      if (selection.kind === Kind.FIELD) {
        const path = above + selection.name.value;
        paths.add(path);
        look(selection.selectionSet, `${path}.`, left - 1);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) look(selection.selectionSet, above, left);
      else look(fragments[selection.name.value]?.selectionSet, above, left);
    }
  };
  for (const node of fieldNodes) look(node.selectionSet, '', depth);
  return paths;
}

function isLeftOut(selection: SelectionNode, variableValues: Selected['variableValues']): boolean {
  if (!selection.directives?.length) return false;
  const skip = getDirectiveValues(GraphQLSkipDirective, selection, variableValues);
  const include = getDirectiveValues(GraphQLIncludeDirective, selection, variableValues);
  return skip?.if === true || include?.if === false;
}
