import type { EntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../clock.js';
import type { Config } from '../../config/config.js';
import type { LmsApi } from '../../datasources/lms/lms-api.js';
import type { CallOptions } from '../../datasources/upstream/call.js';
import { type Account, AccountEntity } from '../../entities/account.entity.js';
import { type EdxLink, EdxLinkEntity } from '../../entities/edx-link.entity.js';
import { systemActor } from '../actor.js';
import { forgetApiToken } from '../edx-api-token/forget.js';
import { adoptLearners } from '../learner-link/adopt-learners.js';
import { adoptionObstacle } from './adoption.js';
import { findInLms, type LmsFinding } from './find-in-lms.js';
import { contested, failureOf, foundInLms } from './outcome.js';
import { resumeLink } from './plan.js';
import { storeOutcome } from './store-outcome.js';
import { lockLink, moveLink, recordStep } from './transition.js';

export interface CheckDeps {
  em: EntityManager;
  api: Pick<LmsApi, 'mappings' | 'accountByEmail' | 'accountsByUsername'>;
  config: Pick<Config, 'lms'>;
  clock: Clock;
}

/**
 * Looks whether the LMS still holds what a link says: a linked account that vanished is created again, one that was renamed or
 * untied is noticed, and a conflict that somebody resolved becomes a link.
 *
 * @throws UpstreamUnavailableError when the LMS cannot say; nothing is changed then
 */
export async function checkLink(deps: CheckDeps, accountId: string): Promise<void> {
  const em = deps.em.fork();
  const link = await em.findOne(EdxLinkEntity, { accountId });
  const account = await em.findOne(AccountEntity, { id: accountId });
  if (!link || account?.status !== 'ACTIVE') return;
  if (link.state !== 'LINKED' && link.state !== 'CONFLICT') return;
  const options: CallOptions = { purpose: 'job', priority: 'bulk' };
  const finding = await findInLms(deps.api, account, { ...options, formerUsername: link.edxUsername });
  if (link.state === 'CONFLICT') return settleConflict(deps, account, finding);
  await settleLinked(deps, account, finding, link.edxUsername ?? null);
}

async function settleConflict(deps: CheckDeps, account: Account, finding: LmsFinding): Promise<void> {
  if (finding.kind === 'ours') return storeOutcome(deps.em, account.id, foundInLms(finding), deps.clock());
  if (finding.kind === 'stranger') return;
  await change(deps, account.id, async (tx, link, now) => {
    await resumeLink(tx, link, { actor: systemActor, cause: 'conflict-gone', now });
  });
}

async function settleLinked(
  deps: CheckDeps,
  account: Account,
  finding: LmsFinding,
  seenUsername: string | null,
): Promise<void> {
  if (finding.kind === 'ours') return settleUsername(deps, account.id, finding);
  const isLeft = finding.kind === 'stranger' && finding.by === 'earlier-link';
  const obstacle = isLeft ? adoptionObstacle(finding, account, deps.config.lms) : undefined;
  await change(deps, account.id, async (tx, link, now) => {
    if (link.state !== 'LINKED' || link.edxUsername !== seenUsername) return;
    await forgetApiToken(tx, link);
    if (isLeft) {
      const outcome = contested(finding, obstacle);
      link.lastError = failureOf(outcome, now);
      link.contestedUsername = outcome.contestedUsername ?? null;
      return moveLink(tx, link, 'CONFLICT', { actor: systemActor, cause: outcome.code }, now);
    }
    const detail = { edxUsername: link.edxUsername };
    link.edxUsername = null;
    link.edxUserId = null;
    await moveLink(tx, link, 'MISSING_UPSTREAM', { actor: systemActor, cause: 'missing-in-lms', detail }, now);
    await resumeLink(tx, link, { actor: systemActor, cause: 'missing-in-lms', now });
  });
}

async function settleUsername(
  deps: CheckDeps,
  accountId: string,
  { username, userId }: Extract<LmsFinding, { kind: 'ours' }>,
): Promise<void> {
  await change(deps, accountId, async (tx, link, now) => {
    if (link.state !== 'LINKED') return;
    if (userId !== undefined) link.edxUserId = userId;
    if (link.edxUsername === username) return;
    const detail = { before: link.edxUsername, after: username };
    link.edxUsername = username;
    await recordStep(tx, link, 'LINKED', { actor: systemActor, cause: 'renamed-in-lms', detail }, now);
    await adoptLearners(tx, link, now);
  });
}

function change(
  deps: CheckDeps,
  accountId: string,
  apply: (tx: EntityManager, link: EdxLink, now: Date) => Promise<void>,
): Promise<void> {
  return deps.em.fork().transactional(async (tx) => {
    const link = await lockLink(tx, accountId);
    if (link) await apply(tx, link, deps.clock());
  });
}
