import type { EntityManager } from '@mikro-orm/postgresql';
import { OperationEntity } from '../../src/entities/operation.entity.js';
import { systemActor } from '../../src/services/actor.js';
import { beginOperation } from '../../src/services/operation/begin.js';
import type { Halves } from '../../test/support/halves.js';
import { RequestCount } from './request-count.js';
import { type Memory, readIdleMb, readResidentMb } from './watch-process.js';

export interface RepairOptions {
  parallel: number;
  /** SIGKILL in the middle; another worker begins right after. */
  killsWorker: boolean;
  tell(line: string): void;
}

export interface RepairReport {
  operationId: string;
  done: number;
  failed: number;
  /** Rows whose outcome is stored. */
  seconds: number;
  /** From the kill until the next learner was done. */
  gapSeconds: number;
  /** Calls of the LMS. */
  calls: number;
  registrations: number;
  worker: Memory;
  web: Memory;
}

const lookMs = 250;
const tellMs = 10_000;

/** Has the running worker repair all who are found, as the command and the mutation do, and watches. */
export async function runRepair(halves: Halves, em: EntityManager, options: RepairOptions): Promise<RepairReport> {
  const memory = {
    worker: { idleMb: await readIdleMb(halves.pidOf('worker')), peakMb: 0 },
    web: { idleMb: await readIdleMb(halves.pidOf('web'), 1), peakMb: 0 },
  };
  const requests = new RequestCount(halves.lmsUrl);
  await requests.look();
  requests.calls = 0;
  const begunAt = performance.now();
  const { id } = await em
    .fork()
    .transactional((tx) =>
      beginOperation(
        tx,
        'REPAIR_EDX_LINKS',
        { isJoined: true, run: async () => undefined },
        { parallel: options.parallel },
        { actor: systemActor, now: new Date() },
      ),
    );
  let kill: { at: number; done: number } | undefined;
  let gapSeconds = 0;
  for (let toldAt = begunAt; ; ) {
    const operation = await em.fork().findOneOrFail(OperationEntity, { id });
    for (const part of ['worker', 'web'] as const)
      memory[part].peakMb = Math.max(memory[part].peakMb, readResidentMb(halves.pidOf(part)) ?? 0);
    await requests.look();
    const { done, total, failed, finishedAt } = operation;
    if (kill && gapSeconds === 0 && done > kill.done) gapSeconds = (performance.now() - kill.at) / 1000;
    if (finishedAt != null) {
      const seconds = (performance.now() - begunAt) / 1000;
      const { calls, registrations } = requests;
      return { operationId: id, done, failed, seconds, gapSeconds, calls, registrations, ...memory };
    }
    if (options.killsWorker && !kill && total != null && done > total * 0.4) {
      await halves.kill(['worker']);
      kill = { at: performance.now(), done: (await em.fork().findOneOrFail(OperationEntity, { id })).done };
      options.tell(`  ${kill.done} done: killed the worker, and started another`);
      await halves.start('worker');
    }
    if (performance.now() - toldAt > tellMs) {
      toldAt = performance.now();
      options.tell(
        `  ${done} of ${total ?? '?'} done, ${failed} failed, worker at ${Math.round(readResidentMb(halves.pidOf('worker')) ?? 0)} MB`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, lookMs));
  }
}
