import { hash, parseOptions, verify } from '@node-rs/argon2';
import { RateLimitedError } from '../../errors.js';
import { isDjangoHash, isDjangoPassword } from './django-hash.js';
import { createFairTurns, NoTurnError } from './fair-turns.js';

/** Cost of one hash; the defaults are OWASP's for argon2id. */
export interface PasswordCost {
  memoryKib: number;
  passes: number;
}

export interface PasswordHasher {
  /** argon2id in PHC form. */
  hash(password: string): Promise<string>;
  /**
   * Compares. Costs the same whether there is a hash or not, so that time does not tell which accounts exist; but for a hash
   * of an import that nobody has signed in with yet, which costs what its old home decided.
   *
   * @param stored - null when the account has no password, or does not exist
   * @param asker - who asks, e.g. a network: however many comparisons one asks for, those of others do not wait for them all
   * @returns `isOutdated` when the hash should be made anew with today's cost
   * @throws {@link RateLimitedError} when too many comparisons wait already, the most of them of this asker
   */
  verify(
    stored: string | null | undefined,
    password: string,
    asker: string,
  ): Promise<{ isRight: boolean; isOutdated: boolean }>;
}

const mostWaiting = 500;
/** Hashes are made for people whom a mail or a password has let in already; they take turns among themselves. */
const knownPeople = '';
/** In UTF-16 units; longer than any password that was ever set, and short enough to normalize without being felt. */
const longestCompared = 2048;

/**
 * @param concurrency - hashes under way at a time; each takes a thread and `memoryKib`, the others wait
 */
export function createPasswordHasher({
  cost = { memoryKib: 19_456, passes: 2 },
  concurrency = 2,
}: {
  cost?: PasswordCost;
  concurrency?: number;
} = {}): PasswordHasher {
  const options = { memoryCost: cost.memoryKib, timeCost: cost.passes, parallelism: 1 };
  const turns = createFairTurns({ atOnce: concurrency, mostWaiting });
  const inTurn = async <T>(asker: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await turns.take(asker, work);
    } catch (error) {
      if (error instanceof NoTurnError)
        throw new RateLimitedError('Many people are signing in right now. Try again in a moment.', 2, { cause: error });
      throw error;
    }
  };
  let decoy: Promise<string> | undefined;

  return {
    hash: (password) => inTurn(knownPeople, () => hash(normalize(password), options)),
    verify: async (stored, password, asker) => {
      // Out of turn, once: were it refused, no unknown name could be answered again.
      decoy ??= hash('nobody has this password', options);
      const reference = stored ?? (await decoy);
      const compared = normalize(password.slice(0, longestCompared));
      const isMatch = await inTurn(asker, () =>
        // Django compares what was typed, as it is.
        isDjangoHash(reference)
          ? isDjangoPassword(reference, password.slice(0, longestCompared))
          : verify(reference, compared),
      );
      if (!stored || !isMatch || password.length > longestCompared) return { isRight: false, isOutdated: false };
      if (isDjangoHash(stored)) return { isRight: true, isOutdated: true };
      const used = parseOptions(stored);
      return { isRight: true, isOutdated: used.memoryCost !== cost.memoryKib || used.timeCost !== cost.passes };
    },
  };
}

/** The same password typed on another keyboard is the same password (NIST SP 800-63B 3.1.1.2). */
function normalize(password: string): string {
  return password.normalize('NFKC');
}
