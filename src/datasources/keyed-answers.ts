/** The answer for one key: a value, or why there is none. `asOf` is when the upstream said so, where that was not just now. */
export type Answer<V> = { value: V; asOf?: Date } | { error: unknown };

/** Answers by key. Names are lower-cased in keys, since the LMS compares them so. */
export type KeyedAnswers<V> = Map<string, Answer<V>>;

/** Runs one call per key, all at once; the upstream's own bounds keep them in line. */
export async function answerEach<K, V>(
  keys: readonly K[],
  read: (key: K) => Promise<V>,
  nameOf: (key: K) => string,
): Promise<KeyedAnswers<V>> {
  const settled = await Promise.allSettled(keys.map(read));
  return new Map(
    keys.map((key, index) => {
      const result = settled[index];
      return [nameOf(key), result?.status === 'fulfilled' ? { value: result.value } : { error: result?.reason }];
    }),
  );
}

/** The values, or the first error: for callers to whom a part is worth nothing. */
export function allValues<V>(answers: KeyedAnswers<V>): V[] {
  return [...answers.values()].map((answer) => {
    if ('error' in answer) throw answer.error;
    return answer.value;
  });
}
