import { UpstreamRejectedError, UpstreamUnavailableError } from '../errors.js';
import { isUnsent } from './upstream/failure.js';
import { queryBytes } from './upstream/query.js';

export type Part<V> = { keys: readonly string[] } & ({ value: V } | { error: unknown });

export interface SplitRules<V> {
  /** Whether the refusal is about one of the keys. */
  blamesKey(error: UpstreamRejectedError): boolean;
  /** Answers for the key that was to blame. */
  readBlamed(key: string): Promise<V>;
}

/** Web servers take request lines of 4 kB and more: a failure of a shorter list has another reason than its length. */
const longListBytes = 1000;

/**
 * Reads many keys in one call and, when the upstream refuses the call for its length or for one of its keys, in halves:
 * again and again for a plain refusal, once for a failure that a long URL may have caused.
 *
 * @returns an answer or an error for every key; never rejects
 */
export async function readSplitting<V>(
  keys: readonly string[],
  read: (keys: readonly string[]) => Promise<V>,
  rules: SplitRules<V>,
  mayHalveOnFailure = keys.reduce((sum, key) => sum + queryBytes(key), 0) > longListBytes,
): Promise<Part<V>[]> {
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

async function readAlone<V>(key: string, rules: SplitRules<V>): Promise<Part<V>> {
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
