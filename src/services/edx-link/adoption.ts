import type { AdoptionPolicy, Config } from '../../config/config.js';
import type { CallOptions } from '../../datasources/upstream/call.js';
import type { Account } from '../../entities/account.entity.js';
import type { EdxLink } from '../../entities/edx-link.entity.js';
import { UpstreamUnavailableError } from '../../errors.js';
import type { LearnerSignOn } from '../edx-api-token/learner-sign-on.js';
import { findMapped, type LookupApi, type Stranger } from './find-in-lms.js';
import { adoptionRefused, type CreationOutcome } from './outcome.js';

/** The steps at which an LMS ends that knows nobody to sign in; any other end is a fault of the connection. */
const refusals: ReadonlySet<string> = new Set(['login-page', 'lms-user-disabled']);

/** Why an LMS user may not be given to an account, however much is asked for; `undefined` when they may. */
export function adoptionObstacle(
  stranger: Stranger,
  account: Pick<Account, 'emailVerifiedAt'>,
  config: Pick<Config['lms'], 'adoption' | 'workerUsername'>,
): 'tied' | 'policy' | 'inactive' | 'unconfirmed' | undefined {
  if (stranger.linkedTo !== undefined) return 'tied';
  // The service worker may do anything at the LMS: nobody signs in as them.
  if (config.adoption === 'never' || isSame(stranger.username, config.workerUsername)) return 'policy';
  if (!account.emailVerifiedAt) return 'unconfirmed';
  return stranger.isActive ? undefined : 'inactive';
}

/** Whether an LMS user who may be adopted is to be: the policy says so, or somebody has asked for just this user. */
export function isAdoptionWanted(
  stranger: Stranger,
  link: Pick<EdxLink, 'contestedUsername' | 'adoptionGranted'>,
  policy: AdoptionPolicy,
): boolean {
  // Who was untied from this very account was untied by somebody: that is not undone without being asked.
  if (policy === 'automatic' && stranger.by === 'email') return true;
  return link.adoptionGranted && link.contestedUsername != null && isSame(link.contestedUsername, stranger.username);
}

/**
 * Ties an LMS user to an account: signs the person in to the LMS once, without a browser, which makes the LMS tie the one active
 * user with this address; and looks whether it did.
 *
 * @throws UpstreamUnavailableError when the connection does not let anybody in
 */
export async function adopt(
  { api, learnerSignOn }: { api: LookupApi; learnerSignOn: LearnerSignOn },
  account: Pick<Account, 'id' | 'username'>,
  stranger: Stranger,
  options: CallOptions,
): Promise<CreationOutcome> {
  const signedOn = await learnerSignOn.obtain(account.id, options);
  const tied = await findMapped(api, account.username, options);
  if (tied)
    return {
      state: 'LINKED',
      cause: 'adopted',
      username: tied.username,
      userId: tied.userId,
      ...(signedOn.kind === 'granted' && { token: signedOn.token }),
    };
  if (signedOn.kind === 'failed' && !refusals.has(signedOn.step))
    throw new UpstreamUnavailableError(signedOn.message, { upstream: 'lms', why: 'credentials' });
  return adoptionRefused(stranger.username);
}

function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
