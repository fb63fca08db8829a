import { DatabaseUnavailableError } from '../errors.js';

/** What came of storing many things: the answers for the parts that were stored, and the things that cannot be. */
export interface StoredInParts<Item, Answer> {
  stored: Answer[];
  failed: { item: Item; error: unknown }[];
}

/**
 * Stores things together, and when that fails in halves, until those that cannot be stored are alone: one of them costs the others
 * nothing but time.
 *
 * @param store - stores all of them or none
 * @throws {@link DatabaseUnavailableError}
 */
export async function storeInParts<Item, Answer>(
  items: readonly Item[],
  store: (items: readonly Item[]) => Promise<Answer>,
): Promise<StoredInParts<Item, Answer>> {
  const [first] = items;
  if (first === undefined) return { stored: [], failed: [] };
  try {
    return { stored: [await store(items)], failed: [] };
  } catch (error) {
    if (error instanceof DatabaseUnavailableError) throw error;
    if (items.length === 1) return { stored: [], failed: [{ item: first, error }] };
    const half = Math.ceil(items.length / 2);
    const left = await storeInParts(items.slice(0, half), store);
    const right = await storeInParts(items.slice(half), store);
    return { stored: [...left.stored, ...right.stored], failed: [...left.failed, ...right.failed] };
  }
}
