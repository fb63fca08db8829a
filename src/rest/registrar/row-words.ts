/** Words that say that a row was written: the statuses themselves. */
const goodWords = new Set(['enrolled', 'pending', 'suspended', 'canceled', 'ended', 'active', 'inactive']);

/** What became of rows as a whole: 200 all written, 207 some, 422 none, which a list without rows is too. */
export function statusOfWords(words: Iterable<string>): 200 | 207 | 422 {
  let [good, bad] = [0, 0];
  for (const word of words) {
    if (goodWords.has(word)) good += 1;
    else bad += 1;
  }
  if (good === 0) return 422;
  return bad === 0 ? 200 : 207;
}

/** The answer to a write: a word for each key, keys in the order of their code points. */
export function answerOfWords(words: ReadonlyMap<string, string>): Record<string, string> {
  const compare = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
  return Object.fromEntries([...words].sort(([a], [b]) => compare(a, b)));
}
