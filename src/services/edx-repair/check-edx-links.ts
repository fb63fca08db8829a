import type { EntityManager } from '@mikro-orm/postgresql';
import type { LmsApi } from '../../datasources/lms/lms-api.js';
import type { CallOptions } from '../../datasources/upstream/call.js';
import { enqueue } from '../../jobs/queue.js';
import { findDrift, type LinkDrift } from '../edx-link/drift.js';
import type { OperationDefinition } from '../operation/kinds.js';
import type { RowResult } from '../operation/rows.js';

export interface CheckEdxLinksDeps {
  em: EntityManager;
  api: Pick<LmsApi, 'accountsByUsername' | 'mappings'>;
}

/** Links compared by one call of each kind. */
const pageSize = 100;
const call: CallOptions = { purpose: 'schedule', priority: 'bulk' };

interface LinkedAccount {
  linkId: string;
  accountId: string;
  username: string;
  email: string;
  name: string;
  edxUsername: string;
  remoteId: string;
}

interface Place {
  after: string;
  checked: number;
  drifting: number;
}

/**
 * Compares every link with what the LMS says, a page of them by two calls. Each that differs is a row of the report, with the
 * words of `EdxLink.drift`, and gets the jobs that mend what can be mended.
 */
export function createCheckEdxLinks(deps: CheckEdxLinksDeps): OperationDefinition<'CHECK_EDX_LINKS'> {
  return {
    isJoined: true,
    async run(run) {
      let place = (run.checkpoint as Place | undefined) ?? { after: '', checked: 0, drifting: 0 };
      if (place.checked === 0) await run.progress({ total: await countLinked(deps.em.fork()) });
      for (;;) {
        run.signal.throwIfAborted();
        const page = await findLinked(deps.em.fork(), place.after);
        const rows = await comparePage(deps, page);
        place = {
          after: page.at(-1)?.linkId ?? place.after,
          checked: place.checked + page.length,
          drifting: place.drifting + rows.length,
        };
        await run.record(rows, { checkpoint: place });
        await run.progress({ done: place.checked });
        if (page.length < pageSize) return { checked: place.checked, drifting: place.drifting };
      }
    },
  };
}

async function comparePage({ em, api }: CheckEdxLinksDeps, page: readonly LinkedAccount[]): Promise<RowResult[]> {
  if (page.length === 0) return [];
  const users = await api.accountsByUsername(
    page.map(({ edxUsername }) => edxUsername),
    call,
  );
  const mappings = await api.mappings({ remoteIds: page.map(({ remoteId }) => remoteId) }, call);
  const userOf = new Map(users.map((user) => [user.username.toLowerCase(), user]));
  const mappingOf = new Map(mappings.map((mapping) => [mapping.remoteId, mapping]));
  const rows: RowResult[] = [];
  for (const account of page) {
    const { edxUsername, remoteId, accountId } = account;
    const drift = findDrift(
      account,
      { state: 'LINKED', edxUsername, remoteId },
      { user: userOf.get(edxUsername.toLowerCase()) ?? null, mapping: mappingOf.get(remoteId) ?? null },
    );
    if (drift.length === 0) continue;
    const mending = await mend(em.fork(), accountId, drift);
    rows.push({ key: account.username, outcome: 'OK', reason: drift.join(', '), detail: { drift, mending } });
  }
  return rows;
}

/** @returns the jobs that follow */
async function mend(em: EntityManager, accountId: string, drift: readonly LinkDrift[]): Promise<string[]> {
  const jobs: string[] = [];
  const add = async (name: 'check-edx-link' | 'push-profile' | 'push-email', key: string) => {
    await enqueue(em, name, { accountId }, { key: `${key}:${accountId}`, priority: 10 });
    jobs.push(name);
  };
  if (drift.includes('UNLINKED') || drift.includes('USERNAME_DIFFERS')) await add('check-edx-link', 'edx-link-check');
  else {
    if (drift.includes('NAME_DIFFERS')) await add('push-profile', 'push-profile');
    if (drift.includes('EMAIL_DIFFERS')) await add('push-email', 'push-email');
  }
  return jobs;
}

const linked = `link.state = 'LINKED' and account.status = 'ACTIVE'
  and link.edx_username is not null and link.remote_id is not null`;

function findLinked(em: EntityManager, after: string): Promise<LinkedAccount[]> {
  return em.execute<LinkedAccount[]>(
    `select link.id as "linkId", account.id as "accountId", account.username, account.email, account.name,
       link.edx_username as "edxUsername", link.remote_id as "remoteId"
     from edx_link link join account on account.id = link.account_id
     where ${linked} and link.id > ?::uuid order by link.id limit ${pageSize}`,
    [after || '00000000-0000-0000-0000-000000000000'],
  );
}

async function countLinked(em: EntityManager): Promise<number> {
  const [row] = await em.execute<{ count: number }[]>(
    `select count(*)::int as count from edx_link link join account on account.id = link.account_id where ${linked}`,
  );
  return row?.count ?? 0;
}
