import type { EntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../clock.js';
import type { LmsApi } from '../../datasources/lms/lms-api.js';
import type { CallOptions } from '../../datasources/upstream/call.js';
import { type Account, AccountEntity } from '../../entities/account.entity.js';
import { type EdxLink, EdxLinkEntity } from '../../entities/edx-link.entity.js';
import { systemActor } from '../actor.js';
import { findInLms, type LmsFinding } from './find-in-lms.js';
import { outcomeOfFinding } from './outcome.js';
import { resumeLink } from './plan.js';
import { storeOutcome } from './store-outcome.js';
import { lockLink, moveLink, recordStep } from './transition.js';

export interface CheckDeps {
  em: EntityManager;
  api: Pick<LmsApi, 'mappings' | 'accountByEmail' | 'accountsByUsername'>;
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
  const finding = await findInLms(deps.api, account, options);
  if (link.state === 'CONFLICT') return settleConflict(deps, account, finding);
  await settleLinked(deps, account, finding, options);
}

async function settleConflict(deps: CheckDeps, account: Account, finding: LmsFinding): Promise<void> {
  const outcome = outcomeOfFinding(finding);
  if (outcome?.state === 'LINKED') return storeOutcome(deps.em, account.id, outcome, deps.clock());
  if (outcome) return;
  await change(deps, account.id, async (tx, link, now) => {
    await resumeLink(tx, link, { actor: systemActor, cause: 'conflict-gone', now });
  });
}

async function settleLinked(
  deps: CheckDeps,
  account: Account,
  finding: LmsFinding,
  options: CallOptions,
): Promise<void> {
  if (finding.kind === 'ours') return settleUsername(deps, account.id, finding);
  const stored = await deps.em.fork().findOneOrFail(EdxLinkEntity, { accountId: account.id });
  const [orphan] = stored.edxUsername ? await deps.api.accountsByUsername([stored.edxUsername], options) : [];
  await change(deps, account.id, async (tx, link, now) => {
    if (link.state !== 'LINKED' || link.edxUsername !== stored.edxUsername) return;
    forgetApiToken(link);
    if (orphan) {
      link.lastError = {
        upstream: 'lms',
        code: 'unlinked-upstream',
        message: `The LMS user “${orphan.username}” is no longer tied to this account. Signing in to the LMS from here once ties it again if the e-mail addresses agree; otherwise support must decide.`,
        retryable: false,
        at: now.toISOString(),
      };
      return moveLink(tx, link, 'CONFLICT', { actor: systemActor, cause: 'unlinked-upstream' }, now);
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

function forgetApiToken(link: EdxLink): void {
  link.apiAccessToken = null;
  link.apiRefreshToken = null;
  link.apiTokenExpiresAt = null;
}
