import type { EntityManager } from '@mikro-orm/postgresql';
import {
  type Retirement,
  RetirementEntity,
  RetirementStepEntity,
  type RetirementStepName,
  retirementStepNames,
} from '../../entities/retirement.entity.js';
import type { Events } from '../../events.js';
import { LockBusyError } from '../../locks/advisory-locks.js';
import type { AuditService } from '../audit/audit.service.js';
import { describeTrouble, isUpstreamTrouble, pauseBeforeRetryMs } from '../upstream-trouble.js';
import { enqueueRetirement, ownerAsActor, retirementKey } from './begin.js';
import { type StepDeps, type StepResult, steps } from './steps.js';

export interface SagaDeps extends StepDeps {
  audit: Pick<AuditService, 'record'>;
  events: Pick<Events, 'accountRetired' | 'retirementWaits'>;
}

const busyPauseMs = 2_000;

/**
 * Takes the steps of a retirement that are left: the body of the job. One process at a time works on it; a step that was taken
 * is never taken again, one that was cut short is repeated. An LMS that does not answer is waited for, and the row says so.
 *
 * @param waits - how often the job came before and had to wait
 * @returns whether the retirement is done
 */
export async function runRetirement(
  deps: SagaDeps,
  accountId: string,
  { waits = 0 }: { waits?: number } = {},
): Promise<boolean> {
  try {
    return await deps.locks.run(retirementKey(accountId), () => takeSteps(deps, accountId));
  } catch (error) {
    const now = deps.clock().getTime();
    if (error instanceof LockBusyError) {
      await enqueueRetirement(deps.em.fork(), accountId, { runAt: new Date(now + busyPauseMs), waits });
      return false;
    }
    await keepForLater(deps, accountId, error, waits);
    return false;
  }
}

async function takeSteps(deps: SagaDeps, accountId: string): Promise<boolean> {
  const retirement = await deps.em.fork().findOne(RetirementEntity, { accountId });
  if (!retirement || retirement.state === 'SCHEDULED') return false;
  if (retirement.state === 'DONE') return true;
  const taken = await deps.em.fork().find(RetirementStepEntity, { retirementId: retirement.id });
  const left = retirementStepNames.filter((name) => !taken.some((step) => step.name === name));
  for (const name of left)
    await steps[name](deps, retirement, (result, change) => storeStep(deps, retirement, name, result, change));
  await finish(deps, retirement);
  return true;
}

async function storeStep(
  { em, clock }: SagaDeps,
  retirement: Retirement,
  name: RetirementStepName,
  { outcome, reason }: StepResult,
  change?: (tx: EntityManager) => Promise<void>,
): Promise<void> {
  await em.fork().transactional(async (tx) => {
    await change?.(tx);
    tx.create(RetirementStepEntity, {
      retirementId: retirement.id,
      name,
      outcome,
      reason: reason ?? null,
      at: clock(),
    });
    await tx.flush();
    await tx.nativeUpdate(RetirementEntity, { id: retirement.id }, { lastError: null, nextAttemptAt: null });
  });
}

async function finish({ em, clock, audit, events }: SagaDeps, retirement: Retirement): Promise<void> {
  const { id, accountId, requestedBy } = retirement;
  const steps = await em.fork().transactional(async (tx) => {
    const isFirst = await tx.nativeUpdate(
      RetirementEntity,
      { id, state: 'RUNNING' },
      { state: 'DONE', finishedAt: clock() },
    );
    if (!isFirst) return undefined;
    const taken = await tx.find(RetirementStepEntity, { retirementId: id }, { orderBy: { id: 'asc' } });
    const detail = Object.fromEntries(taken.map(({ name, outcome }) => [name, outcome]));
    const actor = ownerAsActor(requestedBy);
    await audit.record({ action: 'account.retired', outcome: 'success', actor, subjectId: accountId, detail }, tx);
    return taken;
  });
  const isLeft = steps?.some(({ outcome }) => outcome === 'LEFT_TO_DO');
  if (steps) events.accountRetired({ accountId, outcome: isLeft ? 'left-to-do' : 'done' });
}

async function keepForLater(deps: SagaDeps, accountId: string, error: unknown, waits: number): Promise<void> {
  if (!isUpstreamTrouble(error)) throw error;
  const now = deps.clock();
  const failure = describeTrouble(error, now);
  const nextAttemptAt = new Date(now.getTime() + pauseBeforeRetryMs(error, waits));
  await deps.em.fork().transactional(async (tx) => {
    const where = { accountId, state: 'RUNNING' } as const;
    await tx.nativeUpdate(RetirementEntity, where, { lastError: failure, nextAttemptAt });
    await enqueueRetirement(tx, accountId, { runAt: nextAttemptAt, waits: waits + 1 });
  });
  deps.events.retirementWaits({ accountId, code: failure.code, nextAttemptAt });
}
