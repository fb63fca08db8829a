import { hash, parseOptions, verify } from '@node-rs/argon2';
import { BulkheadRejectedError, bulkhead } from 'cockatiel';
import { RateLimitedError } from '../../errors.js';

/** Cost of one hash; the defaults are OWASP's for argon2id. */
export interface PasswordCost {
  memoryKib: number;
  passes: number;
}

export interface PasswordHasher {
  /** argon2id in PHC form. */
  hash(password: string): Promise<string>;
  /**
   * Compares. Costs the same whether there is a hash or not, so that time does not tell which accounts exist.
   *
   * @param stored - null when the account has no password, or does not exist
   * @returns `isOutdated` when the hash should be made anew with today's cost
   * @throws {@link RateLimitedError} when too many comparisons wait already
   */
  verify(stored: string | null | undefined, password: string): Promise<{ isRight: boolean; isOutdated: boolean }>;
}

const mostWaiting = 500;

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
  const gate = bulkhead(concurrency, mostWaiting);
  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await gate.execute(work);
    } catch (error) {
      if (error instanceof BulkheadRejectedError)
        throw new RateLimitedError('Many people are signing in right now. Try again in a moment.', 2, { cause: error });
      throw error;
    }
  };
  let decoy: Promise<string> | undefined;
  const makeHash = (password: string) => inTurn(() => hash(normalize(password), options));

  return {
    hash: makeHash,
    verify: async (stored, password) => {
      decoy ??= makeHash('nobody has this password');
      const reference = stored ?? (await decoy);
      const isMatch = await inTurn(() => verify(reference, normalize(password)));
      if (!stored || !isMatch) return { isRight: false, isOutdated: false };
      const used = parseOptions(stored);
      return { isRight: true, isOutdated: used.memoryCost !== cost.memoryKib || used.timeCost !== cost.passes };
    },
  };
}

/** The same password typed on another keyboard is the same password (NIST SP 800-63B 3.1.1.2). */
function normalize(password: string): string {
  return password.normalize('NFKC');
}
