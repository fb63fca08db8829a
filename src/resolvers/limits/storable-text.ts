import { GraphQLError, type ValidationContext, type ValidationRule } from 'graphql';

const message = 'Texts must not hold NUL characters or halves of surrogate pairs.';

/** Validation rule: the same for the texts that stand in the document itself. */
export const storableTextRule: ValidationRule = (context: ValidationContext) => ({
  StringValue(node) {
    if (!isStorable(node.value)) context.reportError(new GraphQLError(message, { nodes: node }));
  },
});

/**
 * Refuses variables with texts that PostgreSQL cannot keep or compare: they would be faults of ours wherever they arrive, and
 * nobody means them.
 *
 * @throws {@link GraphQLError} `BAD_USER_INPUT`
 */
export function refuseUnstorableTexts(variables: Readonly<Record<string, unknown>>): void {
  const waiting: unknown[] = [variables];
  while (waiting.length > 0) {
    const value = waiting.pop();
    if (typeof value === 'string' && !isStorable(value))
      throw new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT', http: { status: 400 } } });
    // No spreading: a list may be longer than a call takes arguments.
    if (value instanceof Object) for (const inner of Object.values(value)) waiting.push(inner);
  }
}

function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}
