/** How large one operation may be. Generous for pages that people build, small for floods. */
export const limits = {
  /** Checked while parsing, before anything is kept of the document. */
  tokens: 2_000,
  /** Of nested selections, fragments unfolded; the introspection query of GraphiQL needs 13. */
  depth: 16,
  /** `__typename` counts too: it is what alias floods use. */
  aliases: 100,
  directives: 50,
  /** Of one operation: see `operationCost`. */
  cost: 10_000,
  /** The same for STAFF and above, whose pages are wide. */
  staffCost: 100_000,
} as const;
