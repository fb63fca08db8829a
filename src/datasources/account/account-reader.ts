import type { CostBook } from '../cost/cost-book.js';
import { latencyMs, priceOf, usualWorkers } from '../cost/estimates.js';
import { planCsv } from '../csv/plan.js';
import type { KeyedAnswers } from '../keyed-answers.js';
import type { AccountReads, FoundEmail, LmsUser } from '../lms/accounts.js';
import { readSplitting } from '../split-on-refusal.js';
import type { CallOptions } from '../upstream/call.js';
import { queryBytes } from '../upstream/query.js';
import { planAccounts } from './plan.js';

export interface AccountReader {
  /** By lower-cased username; undefined when the LMS has no such user. */
  readAccounts(usernames: readonly string[], options: CallOptions): Promise<KeyedAnswers<LmsUser | undefined>>;
  /** All that are found, of any number of addresses. */
  findEmails(emails: readonly string[], options: CallOptions): Promise<FoundEmail[]>;
}

const maxEmails = 500;

export function createAccountReader(
  api: AccountReads,
  { maxQueryBytes, costs }: { maxQueryBytes: number; costs: CostBook },
): AccountReader {
  const readList = (names: readonly string[], options: CallOptions) =>
    costs.measure(
      'account.list',
      (call) => api.accountsByUsername(names, call),
      (users) => users.length,
      options,
    );
  const readLists = async (lists: readonly string[][], options: CallOptions) => {
    const rules = { blamesKey: () => false, readBlamed: async () => [] };
    const read = (names: readonly string[]) => readList(names, options);
    return (await Promise.all(lists.map((list) => readSplitting(list, read, rules)))).flat();
  };

  return {
    async readAccounts(usernames, options) {
      // A comma would make two names of one, and an empty name the caller's own account.
      const askable = usernames.filter((name) => name !== '' && !name.includes(','));
      const { lists, estimateMs } = planAccounts(askable, {
        list: costs.costOf('account.list'),
        workers: Math.max(1, usualWorkers - costs.callsUnderWay()),
        maxBytes: maxQueryBytes,
        bytesOf: queryBytes,
        split: planCsv,
      });
      const planned = {
        plan: 'accounts',
        wanted: usernames.length,
        steps: { 'account.list': lists.length },
        estimateMs,
      };
      const parts = lists.length === 0 ? [] : await costs.follow(planned, (call) => readLists(lists, call), options);
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
      if (lists.length === 0) return [];
      const search = (list: readonly string[], each: CallOptions) =>
        costs.measure(
          'account.search-emails',
          (call) => api.searchEmails(list, call),
          (rows) => rows.length,
          each,
        );
      const prices = lists.map((list) => priceOf(costs.costOf('account.search-emails'), list.length));
      const planned = {
        plan: 'users by address',
        wanted: emails.length,
        steps: { 'account.search-emails': lists.length },
        estimateMs: latencyMs(
          { longestChainMs: Math.max(...prices), totalMs: prices.reduce((sum, ms) => sum + ms, 0) },
          usualWorkers,
        ),
      };
      const run = (call: CallOptions) => Promise.all(lists.map((list) => search(list, call)));
      return (await costs.follow(planned, run, options)).flat();
    },
  };
}
