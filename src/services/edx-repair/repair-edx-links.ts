import type { EntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../clock.js';
import { AccountEntity } from '../../entities/account.entity.js';
import type { EdxLink } from '../../entities/edx-link.entity.js';
import { NotFoundError } from '../../errors.js';
import type { Logger } from '../../logger.js';
import type { Actor } from '../actor.js';
import type { EdxApiTokenService } from '../edx-api-token/edx-api-token.service.js';
import type { EdxLinkService } from '../edx-link/edx-link.service.js';
import { RegistrationPausedError } from '../edx-link/registration-turns.js';
import type { OperationDefinition } from '../operation/kinds.js';
import { type FoundRows, performRows } from '../operation/perform-rows.js';
import type { RowResult } from '../operation/rows.js';
import { classifyTrouble } from '../upstream-trouble.js';
import { countFaulty, findFaulty } from './find-faulty.js';

export interface RepairDeps {
  em: EntityManager;
  edxLinks: Pick<EdxLinkService, 'find' | 'repair' | 'create'>;
  edxApiTokens: Pick<EdxApiTokenService, 'getValidToken'>;
  clock: Clock;
  logger: Logger;
  /** Younger accounts are left to the jobs that their creation planned. */
  graceMs: number;
  /** Learners found at a time. */
  pageSize: number;
  /** Learners at a time, unless an operation says otherwise. */
  parallel: number;
}

/** Learners repaired at a time, at most: more would only wait for the LMS's limits. */
const mostParallel = 32;

/**
 * Gives learners what they lack: the LMS user, the API token there. Without named accounts it looks through all, a page at a
 * time; those whose link waits for somebody to act (NOT_LINKED, CONFLICT, REJECTED) are tried only when they are named.
 */
export function createRepairEdxLinks(deps: RepairDeps): OperationDefinition<'REPAIR_EDX_LINKS'> {
  return {
    isJoined: true,
    async run(run) {
      const { accountIds, limit = Number.MAX_SAFE_INTEGER, parallel = deps.parallel } = run.input;
      const before = new Date(deps.clock().getTime() - deps.graceMs);
      if (run.checkpoint === undefined) {
        const total = accountIds ? accountIds.length : await countFaulty(deps.em.fork(), before);
        await run.progress({ total: Math.min(limit, total) });
      }
      await performRows(run, {
        parallel: Math.min(parallel, mostParallel),
        logger: deps.logger,
        find: (place) =>
          accountIds ? findNamed(deps.em.fork(), accountIds) : findPage(deps, { before, limit }, readPlace(place)),
        perform: ({ input }) => repairOne(deps, String(input?.accountId), run.actor),
      });
      return undefined;
    },
  };
}

interface Place {
  after?: string;
  found: number;
}

function readPlace(place: unknown): Place {
  return typeof place === 'object' && place !== null ? (place as Place) : { found: 0 };
}

async function findPage(
  { em, pageSize }: RepairDeps,
  { before, limit }: { before: Date; limit: number },
  { after, found }: Place,
): Promise<FoundRows> {
  const size = Math.min(pageSize, limit - found);
  const page = await findFaulty(em.fork(), { before, after, size });
  const last = page.at(-1)?.linkId;
  const isEnd = page.length < size || found + page.length >= limit;
  return {
    rows: page.map(({ accountId, username }) => ({ key: username, input: { accountId } })),
    next: isEnd ? undefined : { after: last, found: found + page.length },
  };
}

async function findNamed(em: EntityManager, accountIds: readonly string[]): Promise<FoundRows> {
  const accounts = await em.find(AccountEntity, { id: { $in: [...accountIds] } });
  return { rows: accounts.map(({ id, username }) => ({ key: username, input: { accountId: id } })), next: undefined };
}

/** What was there, and what is there now. */
async function repairOne(
  { edxLinks, edxApiTokens }: RepairDeps,
  accountId: string,
  actor: Actor,
): Promise<Omit<RowResult, 'number' | 'key'>> {
  const before = await edxLinks.find(accountId);
  if (!before) throw new NotFoundError('The account is gone.');
  const isLinked = before.state === 'LINKED';
  await edxLinks.repair(accountId, actor, { isBulk: true });
  const trouble = isLinked ? undefined : await edxLinks.create(accountId, { isBulk: true });
  // The limit of registrations is none of these: who waits for it comes by turns, while the others get what they lack.
  const isOutage =
    trouble && !(trouble instanceof RegistrationPausedError) && classifyTrouble(trouble) === 'system-wide';
  if (isOutage) throw trouble;
  const link = await edxLinks.find(accountId);
  if (link?.state !== 'LINKED') return stillFaulty(link);
  const hadToken = isLinked && before.apiTokenRefreshedAt != null && before.apiTokenExpiresAt != null;
  await edxApiTokens.getValidToken(accountId, 0, { purpose: 'job', priority: 'bulk' });
  const detail = { createdUser: !isLinked, createdToken: !hadToken, edxUsername: link.edxUsername };
  return { outcome: 'OK', reason: describe(detail), detail };
}

function describe({ createdUser, createdToken }: { createdUser: boolean; createdToken: boolean }): string {
  if (createdUser) return 'LMS user and API token are there now.';
  return createdToken ? 'The API token is there now.' : 'Nothing was missing.';
}

function stillFaulty(link: EdxLink | undefined): Omit<RowResult, 'number' | 'key'> {
  const error = link?.lastError;
  const outcome =
    link?.state === 'REJECTED' ? 'UPSTREAM_REJECTED' : link?.state === 'CONFLICT' ? 'CONFLICT' : undefined;
  return {
    outcome: outcome ?? 'UPSTREAM_TIMEOUT',
    reason: error?.message ?? 'The LMS has not answered yet; it is tried again by itself.',
    detail: { createdUser: false, createdToken: false, state: link?.state ?? null, code: error?.code ?? null },
  };
}
