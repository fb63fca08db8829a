import type { ScheduleLog } from '../services/schedule-log.service.js';
import type { Job, Jobs } from './job.js';
import type { JobName } from './queue.js';
import type { Schedule } from './schedule.js';

/** Has each job that runs by the clock note when it ran and how that ended; one whose switch is off does nothing. */
export function watchSchedules(jobs: Jobs, schedules: readonly Schedule[], log: Pick<ScheduleLog, 'run'>): Jobs {
  const watched = schedules.map(({ job: name, isOff }) => {
    const job: Job<JobName> = jobs[name] as Job<JobName>;
    const watching: Job<JobName> = (payload, run) => log.run(name, () => job(payload, run), { isOff });
    return [name, watching];
  });
  return { ...jobs, ...Object.fromEntries(watched) };
}
