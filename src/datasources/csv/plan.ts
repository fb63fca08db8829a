export interface CsvLimits {
  /** Most keys of one call. */
  maxCount: number;
  /** Most bytes that the keys of one call take in the URL. */
  maxBytes: number;
  bytesOf(key: string): number;
}

/**
 * Splits keys into the fewest lists that keep both limits, of about the same length, since lists are asked for in parallel.
 * A key that is longer than a whole list gets one of its own.
 *
 * @param keys - repeated ones count once
 * @returns no list is empty
 */
export function planCsv(keys: readonly string[], limits: CsvLimits): string[][] {
  const wanted = [...new Set(keys)];
  const fewest = fill(wanted, limits);
  if (fewest.length < 2) return fewest;
  const balanced = fill(wanted, { ...limits, maxCount: Math.ceil(wanted.length / fewest.length) });
  return balanced.length > fewest.length ? fewest : balanced;
}

function fill(keys: readonly string[], { maxCount, maxBytes, bytesOf }: CsvLimits): string[][] {
  const lists: string[][] = [];
  let bytes = 0;
  for (const key of keys) {
    const size = bytesOf(key);
    const last = lists.at(-1);
    if (last && last.length < maxCount && bytes + size <= maxBytes) {
      last.push(key);
      bytes += size;
    } else {
      lists.push([key]);
      bytes = size;
    }
  }
  return lists;
}
