import type { Config } from '../../config/config.js';
import type { LmsApi } from '../../datasources/lms/lms-api.js';
import type { RegistrationOutcome } from '../../datasources/lms/registration.js';
import type { CallOptions } from '../../datasources/upstream/call.js';
import type { Account } from '../../entities/account.entity.js';
import type { EdxLink } from '../../entities/edx-link.entity.js';
import { UpstreamUnavailableError } from '../../errors.js';
import { suffixUsername } from '../account/username.js';
import type { LearnerSignOn } from '../edx-api-token/learner-sign-on.js';
import type { RegistrationTokens } from '../ports.js';
import { adopt, adoptionObstacle, isAdoptionWanted } from './adoption.js';
import { findInLms, findMapped, type LmsFinding } from './find-in-lms.js';
import {
  type CreationOutcome,
  contested,
  emailUnavailable,
  fieldsRefused,
  foundInLms,
  refusedByPlugin,
  usernamesExhausted,
} from './outcome.js';
import { registrationDetails } from './registration-form.js';

export interface CreateAccountDeps {
  api: Pick<LmsApi, 'mappings' | 'accountByEmail' | 'accountsByUsername' | 'fixLtiUser'>;
  /** Registers when it is this account's turn. */
  register: LmsApi['registerUser'];
  registrationTokens: RegistrationTokens;
  learnerSignOn: LearnerSignOn;
  config: Pick<Config, 'site' | 'lms'>;
  /** Which of these usernames are somebody's, here or as LMS username; in lower case. */
  findTaken(usernames: string[]): Promise<Set<string>>;
}

/** Whom a try is made for, and what is known of earlier ones. */
export interface Applicant {
  account: Account;
  link: Pick<EdxLink, 'edxUsername' | 'contestedUsername' | 'adoptionGranted'>;
  /** No earlier try can have reached the LMS, so there is nothing to look for. */
  isFirst: boolean;
}

/** Registration calls within one try; each is a name that the LMS had not refused before. */
const maxNames = 5;

/**
 * Registers an account with the LMS, which calls back for its details while it answers. The username of the account is only
 * the first proposal: the LMS may know somebody else by it, and then another one is agreed on; the account keeps its own.
 *
 * @returns how it ended; the LMS's refusal to answer is thrown, and then the try may have succeeded all the same if it says so
 */
export async function createLmsAccount(
  deps: CreateAccountDeps,
  applicant: Applicant,
  options: CallOptions,
): Promise<CreationOutcome> {
  const settle = createSettlement(deps, applicant, options);
  const earlier = applicant.isFirst ? 'nobody' : await settle.look();
  if (typeof earlier !== 'string') return earlier;
  const grant = await deps.registrationTokens.mint(applicant.account.id);
  try {
    return await registerUnderSomeName(deps, applicant.account, settle, grant.token, options);
  } finally {
    await grant.revoke();
  }
}

/** Looks at the LMS within one try. */
interface Settlement {
  /** @returns `nobody` when nobody stands in the way of a registration; `gone` when it was somebody until just now */
  look(): Promise<CreationOutcome | 'nobody' | 'gone'>;
}

function createSettlement(
  deps: CreateAccountDeps,
  { account, link }: Pick<Applicant, 'account' | 'link'>,
  options: CallOptions,
): Settlement {
  let hasAskedForLtiFix = !deps.config.lms.fixesLtiUsers;
  const judge = async (finding: LmsFinding): Promise<CreationOutcome | 'nobody' | 'gone'> => {
    if (finding.kind === 'ours') return foundInLms(finding);
    if (finding.kind === 'nobody') return 'nobody';
    if (!hasAskedForLtiFix && finding.linkedTo === undefined && finding.by === 'email') {
      hasAskedForLtiFix = true;
      if (await deps.api.fixLtiUser(account.email, options)) return 'gone';
    }
    const obstacle = adoptionObstacle(finding, account, deps.config.lms);
    if (!obstacle && isAdoptionWanted(finding, link, deps.config.lms.adoption))
      return adopt(deps, account, finding, options);
    return contested(finding, obstacle);
  };
  return {
    look: async () => judge(await findInLms(deps.api, account, { ...options, formerUsername: link.edxUsername })),
  };
}

async function registerUnderSomeName(
  deps: CreateAccountDeps,
  account: Account,
  settle: Settlement,
  accessToken: string,
  options: CallOptions,
): Promise<CreationOutcome> {
  const form = { ...registrationDetails(account, deps.config.site), provider: deps.config.lms.backend, accessToken };
  const tried: string[] = [];
  let username = account.username;
  for (;;) {
    tried.push(username);
    const answer = await deps.register({ ...form, username }, options);
    if (answer.kind === 'created')
      return {
        state: 'LINKED',
        cause: 'registered',
        username: answer.username ?? username,
        userId: answer.userId,
      };
    if (answer.kind !== 'duplicate') return settleRefusal(deps, account, answer, options);
    if (answer.email) {
      const found = await settle.look();
      if (found === 'nobody') return emailUnavailable;
      if (found !== 'gone') return found;
      // The address is free now: once more, under the same name.
      tried.pop();
      continue;
    }
    const tied = await findMapped(deps.api, account.username, options);
    if (tied) return foundInLms(tied);
    if (tried.length >= maxNames) return usernamesExhausted(tried);
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
    if (tied) return foundInLms(tied);
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
