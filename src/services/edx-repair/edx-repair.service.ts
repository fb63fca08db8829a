import type { EntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../clock.js';
import type { Operation } from '../../entities/operation.entity.js';
import { systemActor } from '../actor.js';
import type { OperationService } from '../operation/operation.service.js';
import { countFaulty, type FaultyAccount, findFaulty } from './find-faulty.js';

/** The schedules' and the commands' way to repairs and checks of many links. */
export interface EdxRepairService {
  /** How many learners lack their LMS user or their API token, and wait for nobody. */
  count(): Promise<number>;
  /** The first of them; what a repair would work on. */
  find(limit: number): Promise<FaultyAccount[]>;
  /** Begins a repair when there is anything to repair. Never a second one while one is not finished. */
  repairIfNeeded(): Promise<Operation | undefined>;
  /** Begins a comparison of every link, and of every enrollment, with the LMS. */
  checkAll(): Promise<Operation[]>;
}

export function createEdxRepairService({
  em,
  operations,
  clock,
  graceMs,
  limit,
}: {
  em: EntityManager;
  operations: Pick<OperationService, 'begin'>;
  clock: Clock;
  /** Younger accounts are left to the jobs that their creation planned. */
  graceMs: number;
  /** Most learners of one scheduled repair. */
  limit: number;
}): EdxRepairService {
  const before = () => new Date(clock().getTime() - graceMs);
  const count = () => countFaulty(em.fork(), before());
  return {
    count,
    find: (size) => findFaulty(em.fork(), { before: before(), after: undefined, size }),
    repairIfNeeded: async () =>
      (await count()) > 0 ? operations.begin('REPAIR_EDX_LINKS', { limit }, systemActor) : undefined,
    checkAll: async () => [
      await operations.begin('CHECK_EDX_LINKS', {}, systemActor),
      await operations.begin('RECONCILE', {}, systemActor),
    ],
  };
}
