import type { SignIn } from '../../access/sign-in.js';
import type { Clock } from '../../clock.js';
import type { Proof } from '../second-factor/changes.js';
import type { SecondFactorService } from '../second-factor/second-factor.service.js';

/** What somebody shows once more; a passkey only where there is a browser. */
export type ShownProof = Pick<Proof, 'password' | 'code' | 'address'> & Partial<Pick<Proof, 'passkey' | 'browser'>>;

/** That it is the person themselves, and not whoever found their browser open. */
export interface IdentityProof {
  /**
   * The password, and a second factor where there is one.
   *
   * @throws InvalidInputError `WRONG_PASSWORD`, `CODE_WRONG`, `PASSKEY_WRONG`
   * @throws RateLimitedError after too many wrong ones
   */
  require(accountId: string, proof: ShownProof): Promise<void>;
  /** Whether the person signed in so recently that they need not be asked again. */
  isFresh(accountId: string, sessionUid: string | undefined): Promise<boolean>;
}

const freshMs = 10 * 60_000;

export function createIdentityProof({
  secondFactors,
  signIn,
  clock,
}: {
  secondFactors: Pick<SecondFactorService, 'prove'>;
  signIn: Pick<SignIn, 'list'>;
  clock: Clock;
}): IdentityProof {
  return {
    require: (accountId, proof) => secondFactors.prove(accountId, { passkey: '', browser: '', ...proof }),
    isFresh: async (accountId, sessionUid) => {
      if (sessionUid === undefined) return false;
      const session = (await signIn.list(accountId)).find(({ uid }) => uid === sessionUid);
      return session !== undefined && clock().getTime() - session.createdAt.getTime() < freshMs;
    },
  };
}
