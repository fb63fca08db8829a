import { rejected } from '../upstream/answer.js';
import type { CallOptions, UpstreamAnswer } from '../upstream/call.js';
import { encodePathSegment } from '../upstream/query.js';
import { type LmsUser, toLmsUser } from './accounts.js';
import { parseAccount, parsePatchRefusal } from './accounts.wire.js';
import type { LmsClient } from './lms-client.js';

/** What a learner may change about themselves, in the LMS's own names. */
export interface LmsAccountPatch {
  name?: string;
  /** Starts a confirmation by mail at the LMS; the answer still has the old address. */
  email?: string;
  gender?: 'm' | 'f' | 'o' | null;
  year_of_birth?: number | null;
  /** ISO 3166 alpha-2, upper case. Any value but `US` clears `state`. */
  country?: string | null;
  state?: string | null;
  level_of_education?: string | null;
  language_proficiencies?: { code: string }[];
}

/**
 * What became of the update. `token-refused`: the learner's token is no longer accepted, or belongs to another user.
 * `invalid`: the LMS names the fields that it does not take, each with its sentence for people.
 */
export type AccountUpdateOutcome =
  | { kind: 'updated'; user: LmsUser }
  | { kind: 'invalid'; fields: Record<string, string> }
  | { kind: 'token-refused' };

export interface AccountWrites {
  /**
   * All or nothing; repeating it is harmless.
   *
   * @param username - in the LMS's own spelling: it compares exactly
   * @param learnerToken - opaque access token of that learner; nobody else may change an account, staff included
   */
  updateAccount(
    username: string,
    patch: LmsAccountPatch,
    learnerToken: string,
    options: CallOptions,
  ): Promise<AccountUpdateOutcome>;
}

export function createAccountWrites(client: LmsClient): AccountWrites {
  return {
    updateAccount: (username, patch, learnerToken, options) =>
      client.request(
        {
          operation: 'account.update',
          family: 'accounts',
          method: 'PATCH',
          path: `/api/user/v1/accounts/${encodePathSegment(username)}`,
          body: { json: patch, contentType: 'application/merge-patch+json' },
          credentials: { authorization: `Bearer ${learnerToken}` },
          isIdempotent: true,
          read: readOutcome,
        },
        options,
      ),
  };
}

function readOutcome(answer: UpstreamAnswer): AccountUpdateOutcome {
  if (answer.status === 401 || answer.status === 403) return { kind: 'token-refused' };
  if (answer.status === 400 && answer.isJson) {
    const { field_errors: errors = {} } = parsePatchRefusal(answer.body);
    const fields = Object.entries(errors).map(
      ([field, error]) => [field, error.user_message ?? 'This value is invalid.'] as const,
    );
    return { kind: 'invalid', fields: Object.fromEntries(fields) };
  }
  if (answer.status >= 400) throw rejected('lms', 'account.update', answer);
  return { kind: 'updated', user: toLmsUser(parseAccount(answer.body)) };
}
