import { UpstreamRejectedError } from '../../errors.js';
import type { AccountReader } from '../account/account-reader.js';
import type { Answer, KeyedAnswers } from '../keyed-answers.js';
import type { FoundEmail, LmsUser } from '../lms/accounts.js';
import type { CallOptions } from '../upstream/call.js';
import { type IdentityKey, planIdentities } from './plan.js';

/** What tells who an LMS user is. */
export type LmsIdentity = Pick<LmsUser, 'username' | 'id' | 'email'>;

export interface IdentityReader {
  /**
   * By lower-cased username; undefined when the LMS has no such user. The address is a guess that makes the look-up cheap: a user
   * who has another one is found all the same.
   */
  readIdentities(keys: readonly IdentityKey[], options: CallOptions): Promise<KeyedAnswers<LmsIdentity | undefined>>;
}

export function createIdentityReader(accounts: AccountReader): IdentityReader {
  const search = async (emails: readonly string[], options: CallOptions): Promise<FoundEmail[]> => {
    try {
      return await accounts.findEmails(emails, options);
    } catch (error) {
      // A release without the search, or a worker that may not use it: accounts tell the same.
      if (error instanceof UpstreamRejectedError) return [];
      throw error;
    }
  };
  return {
    async readIdentities(keys, options) {
      const { emails, usernames } = planIdentities(keys);
      const nameOf = ({ username }: { username: string }) => username.toLowerCase();
      const wanted = new Set(keys.map(nameOf));
      const failed = new Map<string, Answer<LmsIdentity | undefined>>();
      const found = await search(emails, options).catch((error: unknown) => {
        for (const key of keys) if (key.email !== null) failed.set(nameOf(key), { error });
        return [];
      });
      const answers: KeyedAnswers<LmsIdentity | undefined> = new Map(failed);
      for (const row of found) if (wanted.has(nameOf(row))) answers.set(nameOf(row), { value: row });
      const others = keys.filter((key) => !answers.has(nameOf(key))).map(({ username }) => username);
      const rest = [...new Set([...usernames, ...others])];
      for (const [name, answer] of await accounts.readAccounts(rest, options)) answers.set(name, answer);
      return answers;
    },
  };
}
