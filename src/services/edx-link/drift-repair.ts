import type { EntityManager } from '@mikro-orm/postgresql';
import type { LmsApi } from '../../datasources/lms/lms-api.js';
import type { CallOptions } from '../../datasources/upstream/call.js';
import { AccountEntity } from '../../entities/account.entity.js';
import { type EdxLink, EdxLinkEntity } from '../../entities/edx-link.entity.js';
import { scheduledPriority } from '../../jobs/queue.js';
import type { Logger } from '../../logger.js';
import { enqueuePush } from '../edx-push/plan.js';
import { findDrift, type LinkDrift } from './drift.js';
import { storeUserIds } from './lms-user-ids.js';
import { enqueueCheck } from './plan.js';

export interface DriftRepairDeps {
  em: EntityManager;
  api: Pick<LmsApi, 'accountsByUsername' | 'mappings'>;
  logger: Logger;
}

export interface DriftRepairOptions {
  /** Where an earlier run that was cut short had come to. */
  from?: DriftPlace | undefined;
  /** Told of each page, as soon as jobs mend what differs on it. */
  onPage?: ((page: DriftPage) => void | Promise<void>) | undefined;
  signal?: AbortSignal | undefined;
}

/** The last link that was compared, and what was counted until there. */
export interface DriftPlace {
  after: string;
  counts: DriftCounts;
}

export interface DriftPage {
  /** Links that differ. */
  rows: DriftRow[];
  /** Links in all. */
  total: number;
  place: DriftPlace;
}

export interface DriftRow {
  accountId: string;
  username: string;
  edxUsername: string;
  drift: LinkDrift[];
  /** What was set going against it; empty for what only people can mend. */
  mended: ('check' | 'profile' | 'email')[];
}

export type DriftCounts = Record<LinkDrift, number> & { compared: number };

const noDrift: DriftCounts = {
  compared: 0,
  USERNAME_DIFFERS: 0,
  EMAIL_DIFFERS: 0,
  NAME_DIFFERS: 0,
  PROFILE_DIFFERS: 0,
  UNLINKED: 0,
  INACTIVE: 0,
};

const pageSize = 50;
/** Nobody waits for it. */
const options: CallOptions = { purpose: 'schedule', priority: 'bulk' };

/**
 * Compares every link with the LMS, a page at a time, and has jobs mend what differs: names, profiles and addresses are brought
 * again; users who are gone, renamed or untied are looked at one by one. What only people can mend is counted. The numbers of
 * the LMS's users are noted on the way.
 *
 * @throws UpstreamUnavailableError when the LMS does not answer; what was set going until then goes on
 */
export async function repairDrift(
  { em, api, logger }: DriftRepairDeps,
  { from, onPage, signal }: DriftRepairOptions,
): Promise<DriftCounts> {
  const counts = { ...(from?.counts ?? noDrift) };
  const total = await em.fork().count(EdxLinkEntity, { state: 'LINKED' });
  for (let after = from?.after; ; ) {
    signal?.throwIfAborted();
    const links = await readPage(em.fork(), after);
    const rows = await compare({ em, api }, links, signal);
    for (const row of rows) {
      for (const drift of row.drift) counts[drift] += 1;
      await mend(em.fork(), row);
    }
    counts.compared += links.length;
    after = links.at(-1)?.id;
    if (after === undefined) break;
    await onPage?.({ rows, total: Math.max(total, counts.compared), place: { after, counts: { ...counts } } });
    if (links.length < pageSize) break;
  }
  logger.info(counts, 'compared edX links with the LMS');
  return counts;
}

function readPage(em: EntityManager, after: string | undefined): Promise<EdxLink[]> {
  return em.find(
    EdxLinkEntity,
    { state: 'LINKED', edxUsername: { $ne: null }, ...(after && { id: { $gt: after } }) },
    { orderBy: { id: 'asc' }, limit: pageSize },
  );
}

async function compare(
  { em, api }: Pick<DriftRepairDeps, 'em' | 'api'>,
  links: readonly EdxLink[],
  signal: AbortSignal | undefined,
): Promise<DriftRow[]> {
  if (links.length === 0) return [];
  const call = { ...options, signal };
  const accounts = await em
    .fork()
    .find(AccountEntity, { id: { $in: links.map((link) => link.accountId) }, status: 'ACTIVE' });
  const users = await api.accountsByUsername(
    links.flatMap(({ edxUsername }) => edxUsername ?? []),
    call,
  );
  const numbered = users.flatMap(({ id, username }) => (id === null ? [] : [{ id, username }]));
  await storeUserIds(em.fork(), numbered, { isCurrent: true });
  const mappings = await api.mappings({ remoteIds: links.flatMap(({ remoteId }) => remoteId ?? []) }, call);
  const accountOf = new Map(accounts.map((account) => [account.id, account]));
  const userOf = new Map(users.map((user) => [user.username.toLowerCase(), user]));
  const mappingOf = new Map(mappings.map((mapping) => [mapping.remoteId.toLowerCase(), mapping]));
  return links.flatMap((link) => {
    const account = accountOf.get(link.accountId);
    const edxUsername = link.edxUsername ?? undefined;
    if (!account || edxUsername === undefined) return [];
    const drift = findDrift(account, link, {
      user: userOf.get(edxUsername.toLowerCase()) ?? null,
      mapping: mappingOf.get((link.remoteId ?? '').toLowerCase()) ?? null,
    });
    if (drift.length === 0) return [];
    return [{ accountId: account.id, username: account.username, edxUsername, drift, mended: remediesOf(drift) }];
  });
}

/** A user who is gone, renamed or untied is seen to first: nothing can be brought to them. */
function remediesOf(drift: readonly LinkDrift[]): DriftRow['mended'] {
  if (drift.includes('UNLINKED') || drift.includes('USERNAME_DIFFERS')) return ['check'];
  return [
    ...(drift.includes('NAME_DIFFERS') || drift.includes('PROFILE_DIFFERS') ? (['profile'] as const) : []),
    ...(drift.includes('EMAIL_DIFFERS') ? (['email'] as const) : []),
  ];
}

async function mend(em: EntityManager, { accountId, mended }: DriftRow): Promise<void> {
  for (const remedy of mended) {
    const priority = scheduledPriority;
    if (remedy === 'check') await enqueueCheck(em, accountId, { priority });
    else await enqueuePush(em, accountId, remedy, { priority });
  }
}
