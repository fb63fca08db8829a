import { type DocumentNode, Kind, type OperationDefinitionNode, type SelectionSetNode } from 'graphql';

/** Whether an operation reads the schema itself (`__schema`, `__type`), directly or by a fragment. `__typename` does not count. */
export function isIntrospecting(document: DocumentNode, operation: OperationDefinitionNode): boolean {
  const seen = new Set<string>();
  const reads = (selectionSet: SelectionSetNode): boolean =>
    selectionSet.selections.some((selection) => {
      if (selection.kind === Kind.FIELD) return ['__schema', '__type'].includes(selection.name.value);
      if (selection.kind === Kind.INLINE_FRAGMENT) return reads(selection.selectionSet);
      if (seen.has(selection.name.value)) return false;
      seen.add(selection.name.value);
      return document.definitions.some(
        (node) =>
          node.kind === Kind.FRAGMENT_DEFINITION &&
          node.name.value === selection.name.value &&
          reads(node.selectionSet),
      );
    });
  return reads(operation.selectionSet);
}
