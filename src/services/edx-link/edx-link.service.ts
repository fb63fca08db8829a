import { raw } from '@mikro-orm/postgresql';
import { AccountEntity } from '../../entities/account.entity.js';
import { type EdxLink, EdxLinkEntity, type EdxLinkEvent, EdxLinkEventEntity } from '../../entities/edx-link.entity.js';
import { ConflictError, NotFoundError } from '../../errors.js';
import { enqueue } from '../../jobs/queue.js';
import { type Actor, callerOf, systemActor } from '../actor.js';
import { findEarlierResult, type IdempotentRequest, rememberResult } from '../idempotency.js';
import { findPage, type Page, type PageRequest } from '../keyset.js';
import { checkLink } from './check.js';
import { type CreationDeps, runCreation } from './creation.js';
import { type EdxLinkFilter, whereLinks } from './filter.js';
import { enqueueCreation, resumeLink } from './plan.js';
import { createEdxLinkPlanner } from './planner.js';
import { type SweepCounts, sweepLinks } from './sweep.js';
import { lockLink } from './transition.js';

/** The tie between accounts and their LMS users: planned, created, kept, repaired. Whoever calls has checked access. */
export interface EdxLinkService {
  /**
   * Sees to it that an account gets its LMS account: at once PENDING, with a job; a link that is there is returned as it is.
   *
   * @throws {@link NotFoundError} when there is no such account
   * @throws {@link ConflictError} when the account, or its edX account, is not active
   * @throws InvalidInputError `IDEMPOTENCY_KEY_REUSED`
   */
  ensure(accountId: string, actor: Actor, options?: { idempotencyKey?: string | undefined }): Promise<EdxLink>;
  /** Like {@link ensure}; a link that is there is compared with the LMS, and mended, in the background. Throws the same. */
  repair(accountId: string, actor: Actor, options?: { idempotencyKey?: string | undefined }): Promise<EdxLink>;
  /**
   * Has a link that rests be tried again, since the account changed and that may be what stood against it. Does nothing to
   * one that is on its way or there.
   */
  reconsider(accountId: string): Promise<void>;
  find(accountId: string): Promise<EdxLink | undefined>;
  findByIds(ids: readonly string[]): Promise<EdxLink[]>;
  findByAccountIds(accountIds: readonly string[]): Promise<EdxLink[]>;
  /** Without regard to case, as the LMS compares. */
  findByEdxUsername(edxUsername: string): Promise<EdxLink | null>;
  findByRemoteId(remoteId: string): Promise<EdxLink | null>;
  search(filter: EdxLinkFilter, page: PageRequest): Promise<Page<EdxLink>>;
  /** Oldest first. */
  history(edxLinkIds: readonly string[]): Promise<EdxLinkEvent[]>;
  /** Body of the job `create-edx-account`. */
  create(accountId: string, run?: { waits?: number }): Promise<void>;
  /** Body of the job `check-edx-link`. @throws UpstreamUnavailableError, then it is run again */
  check(accountId: string): Promise<void>;
  /** Body of the job `repair-links`, as far as links are concerned. */
  sweep(): Promise<SweepCounts>;
}

export function createEdxLinkService(deps: CreationDeps): EdxLinkService {
  const { em, clock } = deps;
  const planner = createEdxLinkPlanner({ config: deps.config.lms, clock });

  const ensure = (accountId: string, actor: Actor, request: IdempotentRequest | undefined) =>
    em.fork().transactional(async (tx) => {
      const account = await tx.findOne(AccountEntity, { id: accountId });
      if (!account) throw new NotFoundError('There is no such account.');
      if (account.status !== 'ACTIVE') throw new ConflictError('The account is not active.');
      const present = await lockLink(tx, accountId);
      const link = present ?? (await planner.plan(tx, account, actor));
      if (request && (await findEarlierResult(tx, request))) return link;
      if (request) await rememberResult(tx, request, link.id, clock());
      if (link.state === 'DEACTIVATED') throw new ConflictError('The edX account is deactivated.');
      const hasResumed = await resumeLink(tx, link, { actor, cause: 'asked-for', now: clock() });
      if (!hasResumed && link.state !== 'LINKED') await enqueueCreation(tx, accountId);
      return link;
    });

  const requestOf = (operation: string, accountId: string, actor: Actor, key: string | undefined) =>
    key === undefined ? undefined : { callerId: callerOf(actor), operation, key, input: { accountId } };

  return {
    ensure: (accountId, actor, { idempotencyKey } = {}) =>
      ensure(accountId, actor, requestOf('ensureEdxAccount', accountId, actor, idempotencyKey)),
    async repair(accountId, actor, { idempotencyKey } = {}) {
      const link = await ensure(accountId, actor, requestOf('repairEdxLink', accountId, actor, idempotencyKey));
      if (link.state === 'LINKED')
        await enqueue(em.fork(), 'check-edx-link', { accountId }, { key: `edx-link-check:${accountId}` });
      return link;
    },
    reconsider: (accountId) => em.fork().transactional((tx) => planner.reconsider(tx, accountId, systemActor)),
    find: async (accountId) => (await em.fork().findOne(EdxLinkEntity, { accountId })) ?? undefined,
    findByIds: (ids) => em.fork().find(EdxLinkEntity, { id: { $in: [...ids] } }),
    findByAccountIds: (accountIds) => em.fork().find(EdxLinkEntity, { accountId: { $in: [...accountIds] } }),
    findByEdxUsername: (edxUsername) =>
      em.fork().findOne(EdxLinkEntity, { [raw('lower(edx_username)')]: edxUsername.toLowerCase() }),
    findByRemoteId: (remoteId) => em.fork().findOne(EdxLinkEntity, { remoteId }),
    search: (filter, page) => findPage(em.fork(), EdxLinkEntity, whereLinks(filter, clock()), page),
    history: (edxLinkIds) =>
      em.fork().find(EdxLinkEventEntity, { edxLinkId: { $in: [...edxLinkIds] } }, { orderBy: { id: 'asc' } }),
    create: (accountId, run = {}) => runCreation(deps, accountId, run),
    check: (accountId) => checkLink(deps, accountId),
    sweep: () => sweepLinks(em),
  };
}
