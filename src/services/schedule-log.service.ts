import type { EntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../clock.js';

/** The last run of a schedule. Not finished and not running any more: its process was killed, and it is run again. */
export interface ScheduleRun {
  name: string;
  startedAt: Date;
  finishedAt: Date | null;
  /** `off`: its switch was off when its time came. */
  outcome: 'done' | 'failed' | 'off' | null;
  /** Kind of the error, never its text, which may name people. */
  error: string | null;
}

/** Remembers of each schedule when it last ran and how that ended, so that operators see what no longer happens. */
export interface ScheduleLog {
  /** Runs a task of a schedule, or notes that its switch is off. @throws what the task throws */
  run(name: string, task: () => Promise<void>, options?: { isOff?: boolean }): Promise<void>;
  list(): Promise<ScheduleRun[]>;
}

export function createScheduleLog({ em, clock }: { em: EntityManager; clock: Clock }): ScheduleLog {
  const begin = (name: string) =>
    em.fork().execute(
      `insert into schedule_run (name, started_at) values (?, ?)
       on conflict (name) do update set started_at = excluded.started_at, finished_at = null, outcome = null, error = null`,
      [name, clock()],
    );
  const end = (name: string, outcome: string, error: string | null) =>
    em
      .fork()
      .execute('update schedule_run set finished_at = ?, outcome = ?, error = ? where name = ?', [
        clock(),
        outcome,
        error,
        name,
      ]);
  return {
    async run(name, task, { isOff = false } = {}) {
      await begin(name);
      if (isOff) {
        await end(name, 'off', null);
        return;
      }
      try {
        await task();
      } catch (error) {
        await end(name, 'failed', error instanceof Error ? error.name : 'Error');
        throw error;
      }
      await end(name, 'done', null);
    },
    list: () =>
      em.fork().execute<ScheduleRun[]>(
        `select name, started_at as "startedAt", finished_at as "finishedAt", outcome, error
         from schedule_run order by name`,
      ),
  };
}
