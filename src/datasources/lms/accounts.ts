import type { CallOptions, UpstreamAnswer } from '../upstream/call.js';
import { queryString } from '../upstream/query.js';
import { parseAccounts, parseFoundEmails, type WireAccount } from './accounts.wire.js';
import type { LmsClient } from './lms-client.js';
import type { LmsCall, LmsOperation } from './operations.js';
import { accepted } from './refusals.js';
import { readDate } from './wire-types.js';

/** An account of the LMS. Members that the LMS does not show are null. */
export interface LmsUser {
  /** In the LMS's own spelling. */
  username: string;
  id: number | null;
  email: string | null;
  name: string | null;
  isActive: boolean | null;
  dateJoined: Date | null;
  lastLogin: Date | null;
  /** ISO 3166 alpha-2. */
  country: string | null;
  birthYear: number | null;
}

export interface FoundEmail {
  email: string;
  id: number;
  username: string;
}

/** User API v1, reads by the service worker; not throttled. */
export interface AccountReads {
  /** One call; about 18 ms of the LMS's time for each name, so ask for 25 to 50. Unknown names are missing. */
  accountsByUsername(usernames: readonly string[], options: CallOptions): Promise<LmsUser[]>;
  /** Undefined when nobody has the address, or its owner is retired. */
  accountByEmail(email: string, options: CallOptions): Promise<LmsUser | undefined>;
  /** One call for up to some hundreds of addresses; unknown ones are missing. */
  searchEmails(emails: readonly string[], options: CallOptions): Promise<FoundEmail[]>;
}

const base = '/api/user/v1/accounts';

export function createAccountReads(client: LmsClient): AccountReads {
  const list = (operation: LmsOperation, query: string): LmsCall<LmsUser[]> => ({
    operation,
    family: 'accounts',
    method: 'GET',
    path: `${base}${query}`,
    credentials: 'worker',
    isIdempotent: true,
    read: (answer) => (isNobody(answer) ? [] : parseAccounts(accepted(operation, answer)).map(toLmsUser)),
  });
  return {
    accountsByUsername: (usernames, options) =>
      client.request(list('account.list', queryString({ username: usernames })), options),
    async accountByEmail(email, options) {
      const [account] = await client.request(list('account.by-email', queryString({ email })), options);
      return account;
    },
    searchEmails: (emails, options) =>
      client.request(
        {
          operation: 'account.search-emails',
          family: 'accounts',
          method: 'POST',
          path: `${base}/search_emails`,
          body: { json: { emails } },
          credentials: 'worker',
          isIdempotent: true,
          read: (answer) => parseFoundEmails(accepted('account.search-emails', answer)),
        },
        options,
      ),
  };
}

/** 404 without a body: none found; with JSON: the owner of the address is retired. HTML is another matter: no such API. */
function isNobody(answer: UpstreamAnswer): boolean {
  return answer.status === 404 && (answer.isJson || answer.contentType === undefined);
}

export function toLmsUser(account: WireAccount): LmsUser {
  return {
    username: account.username,
    id: account.id ?? null,
    email: account.email ?? null,
    name: account.name ?? null,
    isActive: account.is_active ?? null,
    dateJoined: readDate(account.date_joined),
    lastLogin: readDate(account.last_login),
    country: account.country ?? null,
    birthYear: account.year_of_birth ?? null,
  };
}
