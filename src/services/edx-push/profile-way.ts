import type { Clock } from '../../clock.js';
import type { AccountUpdateOutcome, LmsAccountPatch } from '../../datasources/lms/account-update.js';
import type { LmsUser } from '../../datasources/lms/accounts.js';
import type { LmsApi } from '../../datasources/lms/lms-api.js';
import type { CallOptions } from '../../datasources/upstream/call.js';
import type { Account } from '../../entities/account.entity.js';
import type { UpstreamFailure } from '../../entities/upstream-failure.js';
import type { EdxApiTokenService } from '../edx-api-token/edx-api-token.service.js';
import { lmsGender } from '../edx-link/registration-form.js';
import type { Way } from './edx-push.service.js';

export interface ProfileWayDeps {
  api: Pick<LmsApi, 'updateAccount'>;
  tokens: Pick<EdxApiTokenService, 'getValidToken' | 'refresh'>;
  clock: Clock;
}

const options: CallOptions = { purpose: 'job' };

/** The LMS takes name and profile from nobody but the learner: with their own token. What it answers is what it has then. */
export function createProfileWay(deps: ProfileWayDeps): Way {
  return {
    bring: async (account, lmsUsername) => failureOf(await update(deps, account, lmsUsername), account, deps.clock()),
  };
}

async function update(deps: ProfileWayDeps, account: Account, lmsUsername: string): Promise<AccountUpdateOutcome> {
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
