import type { SignIn } from '../../access/sign-in.js';
import type { Clock } from '../../clock.js';
import { InvalidInputError } from '../../errors.js';
import type { Reauthenticate } from '../password/reauthenticate.js';
import type { SecondFactorService } from '../second-factor/second-factor.service.js';

/** What somebody shows once more. */
export interface ShownProof {
  password: string;
  /** Of the authenticator app, or a recovery code; only asked of who has them. */
  code: string;
  address: string;
}

/** That it is the person themselves, and not whoever found their browser open. */
export interface IdentityProof {
  /** Whether the second factor is asked for too. */
  needsCode(accountId: string): Promise<boolean>;
  /**
   * The password, and the second factor where there is one.
   *
   * @throws {@link InvalidInputError} `WRONG_PASSWORD`, `CODE_WRONG`
   * @throws RateLimitedError after too many wrong ones
   */
  require(accountId: string, proof: ShownProof): Promise<void>;
  /** Whether the person signed in so recently that they need not be asked again. */
  isFresh(accountId: string, sessionUid: string | undefined): Promise<boolean>;
}

const freshMs = 10 * 60_000;

export function createIdentityProof({
  reauthenticate,
  secondFactors,
  signIn,
  clock,
}: {
  reauthenticate: Reauthenticate;
  secondFactors: Pick<SecondFactorService, 'isOn' | 'checkCode'>;
  signIn: Pick<SignIn, 'list'>;
  clock: Clock;
}): IdentityProof {
  return {
    needsCode: (accountId) => secondFactors.isOn(accountId),
    require: async (accountId, { password, code, address }) => {
      await reauthenticate(accountId, password, address);
      if (!(await secondFactors.isOn(accountId))) return;
      if (await secondFactors.checkCode(accountId, code, address)) return;
      throw new InvalidInputError('This code is not right, or was used already. Try the next one.', {
        field: ['code'],
        reason: 'CODE_WRONG',
      });
    },
    isFresh: async (accountId, sessionUid) => {
      if (sessionUid === undefined) return false;
      const session = (await signIn.list(accountId)).find(({ uid }) => uid === sessionUid);
      return session !== undefined && clock().getTime() - session.createdAt.getTime() < freshMs;
    },
  };
}
