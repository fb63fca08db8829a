import { randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { RunStatement } from './statements.js';

/** Under which name a person is known to a sector: to one client, or to all that read tokens in the manner of Open edX. */
export interface Subjects {
  /**
   * @param sector - e.g. {@link edxSector}, or the host of a client's redirect URIs
   * @returns 32 hexadecimal digits that say nothing of the account; the same each time
   */
  subjectOf(accountId: string, sector: string): Promise<string>;
}

/** Open edX gives a person one anonymous id for all its services. */
export const edxSector = 'edx';

const statements = {
  find: {
    name: 'account_subject_find',
    text: `select subject from account_subject where account_id = $1 and sector = $2`,
  },
  // Of two processes that make one at once, the second gets what the first made.
  create: {
    name: 'account_subject_create',
    text: `insert into account_subject (account_id, sector, subject) values ($1, $2, $3)
      on conflict (account_id, sector) do update set subject = account_subject.subject returning subject`,
  },
} as const;

/** Names are random and stored rather than derived, so that they outlive every secret of the process. */
export function createSubjects(run: RunStatement): Subjects {
  // Never changed once made, so they may be kept for as long as there is room.
  const known = new LRUCache<string, string>({ max: 10_000 });
  return {
    async subjectOf(accountId, sector) {
      const key = `${accountId} ${sector}`;
      const cached = known.get(key);
      if (cached !== undefined) return cached;
      const [found] = await run<{ subject: string }>(statements.find, [accountId, sector]);
      const [row] = found
        ? [found]
        : await run<{ subject: string }>(statements.create, [accountId, sector, randomBytes(16).toString('hex')]);
      if (!row) throw new Error('the database kept no subject');
      known.set(key, row.subject);
      return row.subject;
    },
  };
}
