import { UpstreamRejectedError, UpstreamUnavailableError } from '../errors.js';
import { isUnsent } from './upstream/failure.js';

export type Part<K, V> = { keys: readonly K[] } & ({ value: V } | { error: unknown });

export interface SplitRules<K, V> {
  /** Whether the refusal is about one of the keys. */
  blamesKey(error: UpstreamRejectedError): boolean;
  /** Answers for the key that was to blame. */
  readBlamed(key: K): Promise<V>;
}

/**
 * Reads many keys in one call and, when the upstream refuses the call for its length or for one of its keys, in halves:
 * again and again for a plain refusal, once for a failure that a long URL may have caused.
 *
 * @returns an answer or an error for every key; never rejects
 */
export async function readSplitting<K, V>(
  keys: readonly K[],
  read: (keys: readonly K[]) => Promise<V>,
  rules: SplitRules<K, V>,
  mayHalveOnFailure = true,
): Promise<Part<K, V>[]> {
  try {
    return [{ keys, value: await read(keys) }];
  } catch (error) {
    const isBlamed = error instanceof UpstreamRejectedError && rules.blamesKey(error);
    const [first] = keys;
    if (isBlamed && first !== undefined && keys.length === 1) return [await readAlone(first, rules)];
    const isSplit = isBlamed || isTooLong(error) || (mayHalveOnFailure && mayBeTooLong(error));
    if (!isSplit || keys.length < 2) return [{ keys, error }];
    const middle = Math.ceil(keys.length / 2);
    const mayHalveAgain = mayHalveOnFailure && error instanceof UpstreamRejectedError;
    const halves = [keys.slice(0, middle), keys.slice(middle)];
    return (await Promise.all(halves.map((half) => readSplitting(half, read, rules, mayHalveAgain)))).flat();
  }
}

async function readAlone<K, V>(key: K, rules: SplitRules<K, V>): Promise<Part<K, V>> {
  try {
    return { keys: [key], value: await rules.readBlamed(key) };
  } catch (error) {
    return { keys: [key], error };
  }
}

/** What web servers say about a request line or header over their limit; some say it with a 400 that is no JSON. */
function isTooLong(error: unknown): boolean {
  if (!(error instanceof UpstreamRejectedError)) return false;
  return error.status === 414 || error.status === 431 || (error.status === 400 && error.body === undefined);
}

/** uWSGI drops the connection instead, which a proxy in front of it turns into a 502. */
function mayBeTooLong(error: unknown): boolean {
  if (!(error instanceof UpstreamUnavailableError)) return false;
  return error.status === 502 || (error.why === 'unreachable' && !isUnsent(error.cause));
}
