import {
  type DocumentNode,
  GraphQLError,
  Kind,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';
import { limits } from './limits.js';

interface Measures {
  depth: number;
  aliases: number;
  directives: number;
}

/**
 * Validation rule: refuses documents that are deeper, or have more aliases or directives, than any honest one. It looks at the
 * document alone, so its verdict may be cached with it. Fragments count wherever they are spread.
 */
export const documentLimitsRule: ValidationRule = (context: ValidationContext) => ({
  Document(document) {
    const largest = measureDocument(document);
    for (const name of ['depth', 'aliases', 'directives'] as const)
      if (largest[name] > limits[name])
        context.reportError(new GraphQLError(`The document exceeds the limit of ${limits[name]} for ${name}.`));
    return false;
  },
});

/** The measures of a document's largest operation. */
function measureDocument(document: DocumentNode): Measures {
  const fragments = new Map(
    document.definitions.flatMap((node) => (node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node]] : [])),
  );
  const known = new Map<string, Measures>();
  const nothing: Measures = { depth: 0, aliases: 0, directives: 0 };

  const measureFragment = (name: string): Measures => {
    const measured = known.get(name);
    if (measured) return measured;
    known.set(name, nothing); // a cycle ends here; another rule refuses it
    const fragment = fragments.get(name);
    const measures = fragment ? measure(fragment.selectionSet) : nothing;
    known.set(name, measures);
    return measures;
  };
  const measure = (selectionSet: SelectionSetNode): Measures => {
    const total = { ...nothing };
    for (const selection of selectionSet.selections) {
      const inner =
        selection.kind === Kind.FRAGMENT_SPREAD
          ? measureFragment(selection.name.value)
          : selection.selectionSet
            ? measure(selection.selectionSet)
            : nothing;
      const isField = selection.kind === Kind.FIELD;
      total.depth = Math.max(total.depth, inner.depth + (isField ? 1 : 0));
      total.aliases += inner.aliases + (isField && selection.alias ? 1 : 0);
      total.directives += inner.directives + (selection.directives?.length ?? 0);
    }
    return total;
  };

  const largest = { ...nothing };
  for (const node of document.definitions) {
    if (node.kind !== Kind.OPERATION_DEFINITION) continue;
    const measures = measure(node.selectionSet);
    largest.depth = Math.max(largest.depth, measures.depth);
    largest.aliases = Math.max(largest.aliases, measures.aliases);
    largest.directives = Math.max(largest.directives, measures.directives + (node.directives?.length ?? 0));
  }
  return largest;
}
