import type { Config } from '../../config/config.js';
import type { LmsApi } from '../../datasources/lms/lms-api.js';
import type { RegistrationOutcome } from '../../datasources/lms/registration.js';
import type { CallOptions } from '../../datasources/upstream/call.js';
import type { Account } from '../../entities/account.entity.js';
import { UpstreamUnavailableError } from '../../errors.js';
import { suffixUsername } from '../account/username.js';
import type { RegistrationTokens } from '../ports.js';
import { findInLms, findMapped } from './find-in-lms.js';
import {
  type CreationOutcome,
  emailUnavailable,
  fieldsRefused,
  outcomeOfFinding,
  refusedByPlugin,
  usernamesExhausted,
} from './outcome.js';
import { registrationDetails } from './registration-form.js';

export interface CreateAccountDeps {
  api: Pick<LmsApi, 'registerUser' | 'mappings' | 'accountByEmail' | 'accountsByUsername'>;
  registrationTokens: RegistrationTokens;
  config: Pick<Config, 'site' | 'lms'>;
  /** Which of these usernames are somebody's, here or as LMS username; in lower case. */
  findTaken(usernames: string[]): Promise<Set<string>>;
}

/** Registration calls within one try; each is a name that the LMS had not refused before. */
const maxNames = 5;

/**
 * Registers an account with the LMS, which calls back for its details while it answers. The username of the account is only
 * the first proposal: the LMS may know somebody else by it, and then another one is agreed on; the account keeps its own.
 *
 * @param options.isFirst - no earlier try can have reached the LMS, so there is nothing to look for
 * @returns how it ended; the LMS's refusal to answer is thrown, and then the try may have succeeded all the same if it says so
 */
export async function createLmsAccount(
  deps: CreateAccountDeps,
  account: Account,
  { isFirst, ...options }: CallOptions & { isFirst: boolean },
): Promise<CreationOutcome> {
  if (!isFirst) {
    const earlier = outcomeOfFinding(await findInLms(deps.api, account, options));
    if (earlier) return earlier;
  }
  const grant = await deps.registrationTokens.mint(account.id);
  try {
    return await registerUnderSomeName(deps, account, grant.token, options);
  } finally {
    await grant.revoke();
  }
}

async function registerUnderSomeName(
  deps: CreateAccountDeps,
  account: Account,
  accessToken: string,
  options: CallOptions,
): Promise<CreationOutcome> {
  const form = { ...registrationDetails(account, deps.config.site), provider: deps.config.lms.backend, accessToken };
  const tried: string[] = [];
  let username = account.username;
  for (;;) {
    tried.push(username);
    const answer = await deps.api.registerUser({ ...form, username }, options);
    if (answer.kind === 'created')
      return {
        state: 'LINKED',
        cause: 'registered',
        username: answer.username ?? username,
        userId: answer.userId,
      };
    if (answer.kind !== 'duplicate') return settleRefusal(deps, account, answer, options);
    if (answer.email) return outcomeOfFinding(await findInLms(deps.api, account, options)) ?? emailUnavailable;
    const tied = await findMapped(deps.api, account.username, options);
    if (tied) return outcomeOfFinding(tied);
    if (tried.length === maxNames) return usernamesExhausted(tried);
    username = await nextUsername(deps, account.username, answer.suggestions, tried);
  }
}

type Refusal = Exclude<RegistrationOutcome, { kind: 'created' | 'duplicate' }>;

/** What another name does not help against. */
async function settleRefusal(
  deps: CreateAccountDeps,
  account: Account,
  refusal: Refusal,
  options: CallOptions,
): Promise<CreationOutcome> {
  if (refusal.kind === 'invalid') return fieldsRefused(refusal.code, refusal.fields);
  if (refusal.kind === 'refused') return refusedByPlugin(refusal.messages);
  if (refusal.code === 'tpa-token-already-associated') {
    const tied = await findMapped(deps.api, account.username, options);
    if (tied) return outcomeOfFinding(tied);
  }
  // About the way back to Portico, or the provider's settings in the LMS: nobody's own fault.
  throw new UpstreamUnavailableError(
    `The LMS could not read the account from Portico while registering it (${refusal.code}). An operator must check that the LMS reaches Portico, and its provider settings.`,
    { upstream: 'lms', why: 'credentials', status: 400 },
  );
}

/** The LMS's own proposals first, then the username with the smallest free number. */
async function nextUsername(
  deps: CreateAccountDeps,
  wanted: string,
  suggestions: readonly string[],
  tried: readonly string[],
): Promise<string> {
  const numbered = Array.from({ length: 50 }, (_, index) => suffixUsername(wanted, index + 1));
  const candidates = [...suggestions, ...numbered];
  const taken = await deps.findTaken(candidates);
  const refused = new Set(tried.map((username) => username.toLowerCase()));
  const isFree = (name: string) => !taken.has(name.toLowerCase()) && !refused.has(name.toLowerCase());
  return candidates.find(isFree) ?? suffixUsername(wanted, 51 + tried.length);
}
