import { type EntityManager, raw } from '@mikro-orm/postgresql';
import { AccountEntity } from '../../entities/account.entity.js';
import { type EdxLink, EdxLinkEntity, type EdxLinkEvent, EdxLinkEventEntity } from '../../entities/edx-link.entity.js';
import { prepareReadByKeys } from '../../entities/prepared-rows.js';
import { ConflictError, NotFoundError } from '../../errors.js';
import { bulkPriority, withdraw } from '../../jobs/queue.js';

import { type Actor, callerOf, systemActor } from '../actor.js';
import { enqueuePush } from '../edx-push/plan.js';
import { findEarlierResult, type IdempotentRequest, rememberResult } from '../idempotency.js';
import { findPage, type Page, type PageRequest } from '../keyset.js';
import type { UpstreamTrouble } from '../upstream-trouble.js';
import { checkLink } from './check.js';
import { type CreationDeps, runCreation } from './creation.js';
import { type DriftCounts, type DriftRepairOptions, repairDrift } from './drift-repair.js';
import { type EdxLinkFilter, whereLinks } from './filter.js';
import { creationKey, enqueueCheck, enqueueCreation, resumeLink } from './plan.js';
import { createEdxLinkPlanner } from './planner.js';
import type { LinkRemedy } from './remedy.js';
import { resolveLink, unlink } from './resolve.js';
import { type SweepCounts, sweepLinks, wakeThrottled } from './sweep.js';
import { lockLink } from './transition.js';

const readLinksOf = prepareReadByKeys(EdxLinkEntity, {
  name: 'edx_link_of_accounts',
  column: 'account_id',
  type: 'uuid',
});

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
  /**
   * Like {@link ensure}; a link that is there is compared with the LMS, and mended, in the background. Throws the same.
   *
   * @param options.isBulk - as one of many: what people wait for goes first
   */
  repair(
    accountId: string,
    actor: Actor,
    options?: { idempotencyKey?: string | undefined; isBulk?: boolean },
  ): Promise<EdxLink>;
  /**
   * Has a link that rests be tried again, since the account changed and that may be what stood against it. Does nothing to
   * one that is on its way or there.
   */
  reconsider(accountId: string): Promise<void>;
  /**
   * Does the one thing that is offered about a link in CONFLICT or REJECTED ({@link remedyOf}), and has the link be tried again.
   *
   * @param options.isSupport - whether the actor may decide about LMS users of others
   * @throws {@link NotFoundError} when there is no such link
   * @throws {@link ConflictError} when there is nothing to resolve
   * @throws InvalidInputError `NOT_OFFERED`, `DONE_ELSEWHERE`, `IDEMPOTENCY_KEY_REUSED`
   * @throws ForbiddenError when only support may do it
   */
  resolve(
    accountId: string,
    action: LinkRemedy,
    actor: Actor,
    options: { isSupport: boolean; idempotencyKey?: string | undefined },
  ): Promise<EdxLink>;
  /**
   * Lets go of the LMS user: the link is NOT_LINKED until somebody asks again. The user stays in the LMS as they are.
   *
   * @throws {@link NotFoundError} when there is no such link
   * @throws {@link ConflictError} when the account is not active
   */
  unlink(accountId: string, actor: Actor, options?: { idempotencyKey?: string | undefined }): Promise<EdxLink>;
  /**
   * Has name, profile and e-mail address be brought to the LMS again, by jobs.
   *
   * @throws {@link NotFoundError} when there is no such link
   * @throws {@link ConflictError} when it is not linked
   */
  requestPush(accountId: string): Promise<EdxLink>;
  find(accountId: string): Promise<EdxLink | undefined>;
  findByIds(ids: readonly string[]): Promise<EdxLink[]>;
  findByAccountIds(accountIds: readonly string[]): Promise<EdxLink[]>;
  /** Without regard to case, as the LMS compares. */
  findByEdxUsername(edxUsername: string): Promise<EdxLink | null>;
  findByEdxUsernames(edxUsernames: readonly string[]): Promise<EdxLink[]>;
  findByRemoteId(remoteId: string): Promise<EdxLink | null>;
  search(filter: EdxLinkFilter, page: PageRequest): Promise<Page<EdxLink>>;
  /** Oldest first. */
  history(edxLinkIds: readonly string[]): Promise<EdxLinkEvent[]>;
  /**
   * Body of the job `create-edx-account`.
   *
   * @returns what keeps the LMS from it for now; it is tried again by itself then
   */
  create(accountId: string, run?: { waits?: number; isBulk?: boolean }): Promise<UpstreamTrouble | undefined>;
  /** Body of the job `check-edx-link`. @throws UpstreamUnavailableError, then it is run again */
  check(accountId: string): Promise<void>;
  /** Body of the job `repair-links`, as far as links are concerned. */
  sweep(): Promise<SweepCounts>;
  /** Compares all links with the LMS, and has what differs be mended. See {@link repairDrift}. */
  repairDrift(options?: DriftRepairOptions): Promise<DriftCounts>;
  /** Lets registrations go on at once, after an operator raised the LMS's limit. @returns whether they had paused */
  resumeRegistrations(): Promise<boolean>;
}

export function createEdxLinkService(deps: CreationDeps): EdxLinkService {
  const { em, clock } = deps;
  const planner = createEdxLinkPlanner({ config: deps.config.lms, clock });

  const ensure = (accountId: string, actor: Actor, request: IdempotentRequest | undefined, isBulk = false) =>
    em.fork().transactional(async (tx) => {
      const account = await tx.findOne(AccountEntity, { id: accountId });
      if (!account) throw new NotFoundError('There is no such account.');
      if (account.status !== 'ACTIVE') throw new ConflictError('The account is not active.');
      const present = await lockLink(tx, accountId);
      const link = present ?? (await planner.plan(tx, account, actor));
      if (request && (await findEarlierResult(tx, request))) return link;
      if (request) await rememberResult(tx, request, link.id, clock());
      if (link.state === 'DEACTIVATED') throw new ConflictError('The edX account is deactivated.');
      const hasResumed = await resumeLink(tx, link, { actor, cause: 'asked-for', now: clock(), isBulk });
      if (!hasResumed && link.state !== 'LINKED') await enqueueCreation(tx, accountId, { isBulk });
      return link;
    });

  const requestOf = (operation: string, accountId: string, actor: Actor, key: string | undefined) =>
    key === undefined ? undefined : { callerId: callerOf(actor), operation, key, input: { accountId } };

  /** Changes a link in a transaction, once for each idempotency key. */
  const change = (
    accountId: string,
    request: IdempotentRequest | undefined,
    apply: (tx: EntityManager, link: EdxLink) => Promise<void>,
  ) =>
    em.fork().transactional(async (tx) => {
      const link = await lockLink(tx, accountId);
      if (!link) throw new NotFoundError('The account has no edX link.');
      if (request && (await findEarlierResult(tx, request))) return link;
      if (request) await rememberResult(tx, request, link.id, clock());
      await apply(tx, link);
      return link;
    });

  return {
    resolve: (accountId, action, actor, { isSupport, idempotencyKey }) => {
      const request = requestOf('resolveEdxConflict', accountId, actor, idempotencyKey);
      return change(accountId, request && { ...request, input: { accountId, action } }, (tx, link) =>
        resolveLink(tx, link, { action, actor, isSupport, now: clock() }),
      );
    },
    unlink: (accountId, actor, { idempotencyKey } = {}) =>
      change(accountId, requestOf('unlinkEdxAccount', accountId, actor, idempotencyKey), async (tx, link) => {
        if (link.state === 'DEACTIVATED') throw new ConflictError('The account is not active.');
        await unlink(tx, link, { actor, cause: 'unlinked', now: clock() });
        await withdraw(tx, creationKey(accountId));
      }),
    requestPush: (accountId) =>
      change(accountId, undefined, async (tx, link) => {
        if (link.state !== 'LINKED') throw new ConflictError('There is no edX account to bring anything to.');
        await enqueuePush(tx, accountId, 'profile');
        await enqueuePush(tx, accountId, 'email');
      }),
    ensure: (accountId, actor, { idempotencyKey } = {}) =>
      ensure(accountId, actor, requestOf('ensureEdxAccount', accountId, actor, idempotencyKey)),
    async repair(accountId, actor, { idempotencyKey, isBulk = false } = {}) {
      const link = await ensure(accountId, actor, requestOf('repairEdxLink', accountId, actor, idempotencyKey), isBulk);
      const priority = isBulk ? bulkPriority : 0;
      if (link.state === 'LINKED') await enqueueCheck(em.fork(), accountId, { priority });
      return link;
    },
    reconsider: (accountId) => em.fork().transactional((tx) => planner.reconsider(tx, accountId, systemActor)),
    find: async (accountId) => (await readLinksOf(em, [accountId]))[0],
    findByIds: (ids) => em.fork().find(EdxLinkEntity, { id: { $in: [...ids] } }),
    findByAccountIds: (accountIds) => readLinksOf(em, accountIds),
    findByEdxUsernames: (edxUsernames) =>
      em.fork().find(EdxLinkEntity, {
        [raw('lower(edx_username)')]: { $in: edxUsernames.map((name) => name.toLowerCase()) },
      }),
    findByEdxUsername: (edxUsername) =>
      em.fork().findOne(EdxLinkEntity, { [raw('lower(edx_username)')]: edxUsername.toLowerCase() }),
    findByRemoteId: (remoteId) => em.fork().findOne(EdxLinkEntity, { remoteId }),
    search: (filter, page) => findPage(em.fork(), EdxLinkEntity, whereLinks(filter, clock()), page),
    history: (edxLinkIds) =>
      em.fork().find(EdxLinkEventEntity, { edxLinkId: { $in: [...edxLinkIds] } }, { orderBy: { id: 'asc' } }),
    create: (accountId, run = {}) => runCreation(deps, accountId, run),
    check: (accountId) => checkLink(deps, accountId),
    sweep: () => sweepLinks(em, clock()),
    repairDrift: (options = {}) => repairDrift(deps, options),
    async resumeRegistrations() {
      const hadPaused = await deps.turns.resume();
      if (hadPaused) await wakeThrottled(em.fork());
      return hadPaused;
    },
  };
}
