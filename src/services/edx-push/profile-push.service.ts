import type { EntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../clock.js';
import type { AccountUpdateOutcome, LmsAccountPatch } from '../../datasources/lms/account-update.js';
import type { LmsUser } from '../../datasources/lms/accounts.js';
import type { LmsApi } from '../../datasources/lms/lms-api.js';
import type { CallOptions } from '../../datasources/upstream/call.js';
import { type Account, AccountEntity } from '../../entities/account.entity.js';
import { EdxLinkEntity } from '../../entities/edx-link.entity.js';
import type { UpstreamFailure } from '../../entities/upstream-failure.js';
import { enqueue } from '../../jobs/queue.js';
import type { EdxApiTokenService } from '../edx-api-token/edx-api-token.service.js';
import type { EdxLinkService } from '../edx-link/edx-link.service.js';
import { lmsGender } from '../edx-link/registration-form.js';
import { describeTrouble, isUpstreamTrouble, pauseBeforeRetryMs } from '../upstream-trouble.js';
import { recordPush } from './record-push.js';

/** Brings what a person changed here to the LMS, and looks whether it arrived. */
export interface ProfilePushService {
  /**
   * Body of the job `push-profile`. Why something did not arrive is stored at the edX link, as its last error. An account
   * without an LMS user gets another try at one instead: what was changed may be what stood against it.
   *
   * @param waits - how often the job came before and had to wait
   */
  push(accountId: string, run?: { waits?: number }): Promise<void>;
}

export interface ProfilePushDeps {
  em: EntityManager;
  api: Pick<LmsApi, 'updateAccount'>;
  tokens: EdxApiTokenService;
  edxLinks: Pick<EdxLinkService, 'reconsider'>;
  clock: Clock;
  /** Told at once when the LMS has something else than before, so that no cache answers what was. */
  onWritten(change: { lmsUsername: string }): void;
}

const options: CallOptions = { purpose: 'job' };

export function createProfilePushService(deps: ProfilePushDeps): ProfilePushService {
  return {
    async push(accountId, { waits = 0 } = {}) {
      const em = deps.em.fork();
      const account = await em.findOne(AccountEntity, { id: accountId });
      const link = await em.findOne(EdxLinkEntity, { accountId });
      if (!link || account?.status !== 'ACTIVE') return;
      if (link.state !== 'LINKED' || !link.edxUsername) return deps.edxLinks.reconsider(accountId);
      try {
        const outcome = await update(deps, account, link.edxUsername);
        deps.onWritten({ lmsUsername: link.edxUsername });
        await recordPush(deps.em, accountId, {
          kind: 'profile',
          failure: failureOf(outcome, account, deps.clock()),
          now: deps.clock(),
        });
      } catch (error) {
        if (!isUpstreamTrouble(error)) throw error;
        const now = deps.clock();
        const runAt = new Date(now.getTime() + pauseBeforeRetryMs(error, waits));
        const again = { accountId, waits: waits + 1 };
        const failure = { ...describeTrouble(error, now), code: 'profile-waits' };
        await recordPush(deps.em, accountId, { kind: 'profile', failure, now }, (tx) =>
          enqueue(tx, 'push-profile', again, { key: `push-profile:${accountId}`, runAt }),
        );
      }
    },
  };
}

async function update(deps: ProfilePushDeps, account: Account, lmsUsername: string): Promise<AccountUpdateOutcome> {
  const patch = patchOf(account);
  const send = async () =>
    deps.api.updateAccount(lmsUsername, patch, await deps.tokens.getValidToken(account.id, 60, options), options);
  const outcome = await send();
  if (outcome.kind !== 'token-refused') return outcome;
  // Revoked at the LMS before its time, e.g. by a password reset there.
  await deps.tokens.refresh(account.id, options);
  return send();
}

/** What the person never told is left as it is in the LMS; what they took back is taken back. */
function patchOf({ name, profile }: Account): LmsAccountPatch {
  const { country, state, birthYear, gender, languageCode } = profile;
  return {
    name,
    ...(country !== undefined && { country: country?.toUpperCase() ?? null }),
    ...(state !== undefined && country?.toUpperCase() === 'US' && { state }),
    ...(birthYear !== undefined && { year_of_birth: birthYear }),
    ...(gender !== undefined && { gender: gender === null ? null : lmsGender(gender) }),
    ...(languageCode && { language_proficiencies: [{ code: languageCode }] }),
  };
}

function failureOf(outcome: AccountUpdateOutcome, account: Account, now: Date): UpstreamFailure | null {
  const failure = (code: string, message: string) => ({
    upstream: 'lms',
    code,
    message,
    retryable: false,
    at: now.toISOString(),
  });
  if (outcome.kind === 'token-refused')
    return failure('profile-token-refused', 'The LMS does not accept the learner’s API token, not even a new one.');
  if (outcome.kind === 'invalid') {
    const reasons = Object.entries(outcome.fields).map(([field, message]) => `${field}: ${message}`);
    return failure('profile-refused', `The LMS does not take these changes. ${reasons.join('; ')}`);
  }
  const missing = notTaken(outcome.user, account);
  return missing.length === 0
    ? null
    : failure('profile-not-taken', `The LMS answered with success, but kept its own: ${missing.join(', ')}.`);
}

/** The LMS leaves out of its answer what the site hides; that proves nothing. */
function notTaken(user: LmsUser, { name, profile }: Account): string[] {
  const pairs: [string, string | number | null, string | number | null | undefined][] = [
    ['name', user.name, name],
    ['country', user.country, profile.country?.toUpperCase()],
    ['year of birth', user.birthYear, profile.birthYear],
  ];
  return pairs.flatMap(([field, theirs, ours]) => (theirs !== null && ours != null && theirs !== ours ? [field] : []));
}
