import { planCsv } from '../csv/plan.js';
import type { KeyedAnswers } from '../keyed-answers.js';
import type { AccountReads, FoundEmail, LmsUser } from '../lms/accounts.js';
import { readSplitting } from '../split-on-refusal.js';
import type { CallOptions } from '../upstream/call.js';
import { queryBytes } from '../upstream/query.js';

export interface AccountReader {
  /** By lower-cased username; undefined when the LMS has no such user. */
  readAccounts(usernames: readonly string[], options: CallOptions): Promise<KeyedAnswers<LmsUser | undefined>>;
  /** All that are found, of any number of addresses. */
  findEmails(emails: readonly string[], options: CallOptions): Promise<FoundEmail[]>;
}

/** Each account costs the LMS about 18 ms, so that longer lists only take longer. */
const maxAccounts = 50;
const maxEmails = 500;

export function createAccountReader(api: AccountReads, { maxQueryBytes }: { maxQueryBytes: number }): AccountReader {
  return {
    async readAccounts(usernames, options) {
      // A comma would make two names of one, and an empty name the caller's own account.
      const askable = usernames.filter((name) => name !== '' && !name.includes(','));
      const lists = planCsv(askable, { maxCount: maxAccounts, maxBytes: maxQueryBytes, bytesOf: queryBytes });
      const read = (names: readonly string[]) => api.accountsByUsername(names, options);
      const rules = { blamesKey: () => false, readBlamed: async () => [] };
      const parts = (await Promise.all(lists.map((list) => readSplitting(list, read, rules)))).flat();
      const answers: KeyedAnswers<LmsUser | undefined> = new Map(
        usernames.map((name) => [name.toLowerCase(), { value: undefined }]),
      );
      for (const part of parts) {
        if ('error' in part) for (const name of part.keys) answers.set(name.toLowerCase(), { error: part.error });
        else for (const user of part.value) answers.set(user.username.toLowerCase(), { value: user });
      }
      return answers;
    },
    async findEmails(emails, options) {
      const lists = planCsv(emails, { maxCount: maxEmails, maxBytes: Number.POSITIVE_INFINITY, bytesOf: () => 0 });
      const found = await Promise.all(lists.map((list) => api.searchEmails(list, options)));
      return found.flat();
    },
  };
}
