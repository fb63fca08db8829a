/** Names that begin so are ours, or are meant for us. */
const prefix = /^(PORTICO|OPENEDX)_/;
const mostEdits = 2;

/**
 * Variables that are no settings but nearly have the name of one: ignoring those would leave their default in force unseen.
 * Other names are somebody else's business.
 *
 * @returns one sentence each
 */
export function findMisspelled(given: readonly string[], known: readonly string[]): string[] {
  const names = new Set(known);
  return given
    .filter((name) => prefix.test(name) && !names.has(name))
    .flatMap((name) => {
      const meant = known.find((each) => distance(name, each) <= mostEdits);
      return meant ? [`${name} is not a setting: is ${meant} meant?`] : [];
    });
}

/** How many letters must be added, removed or replaced (Levenshtein). */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > mostEdits) return mostEdits + 1;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries())
      next.push(Math.min((row[j] ?? 0) + (letter === other ? 0 : 1), (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    row = next;
  }
  return row.at(-1) ?? 0;
}
