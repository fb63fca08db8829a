import type { JobName } from './queue.js';

/** A minute, in UTC. */
export interface Minute {
  min: number;
  hour: number;
  /** Day of the month. */
  date: number;
  month: number;
  /** Day of the week, Sunday is 0. */
  dow: number;
}

/** When a schedule runs: at the minutes that match. */
export interface Timing {
  /** For people, e.g. `every 1800 s from 900 s after midnight` or `10 0 * * *`. */
  text: string;
  matches(minute: Minute): boolean;
}

export interface Schedule {
  job: JobName;
  /** What it does, for people. */
  description: string;
  timing: Timing;
  /** The settings that it follows, with their values. */
  settings: Readonly<Record<string, string | number | boolean>>;
  /** Whether its switch is off: its time comes and nothing is done. */
  isOff: boolean;
}

const everyMinute: Timing = { text: '* * * * *', matches: () => true };
const daySeconds = 86_400;

/** Every so many seconds of the day, beginning at an offset; to the minute. */
export function every(seconds: number, offsetSeconds = 0): Timing {
  const period = Math.min(Math.max(60, seconds), daySeconds);
  return {
    text: `every ${seconds} s${offsetSeconds > 0 ? `, ${offsetSeconds} s after the others` : ''}`,
    matches: ({ hour, min }) => {
      const second = hour * 3_600 + min * 60 - offsetSeconds;
      const sinceLast = ((second % period) + period) % period;
      // Before the first of the day nothing is due: the day's last run was less than a period ago.
      return sinceLast < 60 && second >= 0;
    },
  };
}

/** At a minute of the hours and days of the week that two cron fields name, e.g. `0` or `*`. */
export function at(minute: number, hours: string, days: string): Timing {
  const isHour = readField(hours, 24);
  const isDay = readField(days, 7);
  return {
    text: `${minute} ${hours} * * ${days}`,
    matches: ({ min, hour, dow }) => min === minute && isHour(hour) && isDay(dow),
  };
}

/** `*`, numbers, ranges and steps, separated by commas; settings are checked by the same pattern. Sunday is 0 or 7. */
function readField(field: string, size: number): (value: number) => boolean {
  const wanted = new Set<number>();
  for (const part of field.split(',')) {
    const [range = '*', step = '1'] = part.split('/');
    const [from = '0', to] = range === '*' ? ['0', String(size - 1)] : range.split('-');
    const last = to ?? (part.includes('/') ? String(size - 1) : from);
    for (let value = Number(from); value <= Number(last); value += Math.max(1, Number(step))) wanted.add(value % size);
  }
  return (value) => wanted.has(value);
}

/** How often what runs. */
export interface ScheduleSettings {
  retryEnrollmentsSeconds: number;
  repairSeconds: number;
  isRepairOff: boolean;
  /** Cron fields. */
  courseRunHours: string;
  courseRunDays: string;
  certificateHours: string;
  certificateDays: string;
  driftHours: string;
  driftDays: string;
  /** Names of schedules that are switched off, or `all`. */
  off: readonly string[];
}

/** What runs by the clock, as the settings say. One process adds a job however many there are, and none overlaps itself. */
export function createSchedules(config: ScheduleSettings): Schedule[] {
  const isSwitchedOff = (job: JobName) => config.off.includes(job) || config.off.includes('all');
  const schedule = (
    job: JobName,
    description: string,
    timing: Timing,
    settings: Schedule['settings'] = {},
    isOff = false,
  ): Schedule => ({
    job,
    description,
    timing,
    settings: { ...settings, DISABLE_SCHEDULES: config.off.join(',') },
    isOff: isOff || isSwitchedOff(job),
  });
  return [
    schedule(
      'retry-enrollments',
      'tries enrollments again that wait without a job',
      every(config.retryEnrollmentsSeconds),
      { RETRY_FAILED_EDX_ENROLLMENT_FREQUENCY: config.retryEnrollmentsSeconds },
    ),
    schedule(
      'repair-links',
      'gives learners the LMS user and the API token that they lack',
      every(config.repairSeconds, Math.floor(config.repairSeconds / 2)),
      { REPAIR_OPENEDX_USERS_FREQUENCY: config.repairSeconds, DISABLE_USER_REPAIR_TASK: config.isRepairOff },
      config.isRepairOff,
    ),
    schedule(
      'sync-course-runs',
      'takes over the LMS’s catalogue',
      at(10, config.courseRunHours, config.courseRunDays),
      {
        CRON_COURSERUN_SYNC_HOURS: config.courseRunHours,
        CRON_COURSERUN_SYNC_DAYS: config.courseRunDays,
      },
    ),
    schedule(
      'sync-grades',
      'pulls grades and certificates of course runs that are under way or ended within the last month',
      at(25, config.certificateHours, config.certificateDays),
      {
        CRON_COURSE_CERTIFICATES_HOURS: config.certificateHours,
        CRON_COURSE_CERTIFICATES_DAYS: config.certificateDays,
      },
    ),
    schedule(
      'check-drift',
      'compares every link and enrollment with the LMS, reports where they disagree, and mends what can be mended',
      at(40, config.driftHours, config.driftDays),
      { CRON_DRIFT_CHECK_HOURS: config.driftHours, CRON_DRIFT_CHECK_DAYS: config.driftDays },
    ),
    schedule('begin-retirements', 'begins the retirements that are due', everyMinute),
    schedule('resume-operations', 'finds operations that nobody works on', everyMinute),
    schedule('prune-expired', 'deletes what has expired, in batches', everyMinute),
    schedule('advance-signing-keys', 'takes the steps of a key rotation', everyMinute),
    schedule('chain-audit', 'chains acts that no process has chained', everyMinute),
  ];
}

/** The next time that a schedule runs after `from`, within the coming week and a day. */
export function nextRun({ timing }: Schedule, from: Date): Date | undefined {
  const minuteMs = 60_000;
  let next = Math.floor(from.getTime() / minuteMs) * minuteMs;
  for (let tries = 0; tries < 8 * 24 * 60; tries += 1) {
    next += minuteMs;
    if (timing.matches(toMinute(new Date(next)))) return new Date(next);
  }
  return undefined;
}

function toMinute(time: Date): Minute {
  return {
    min: time.getUTCMinutes(),
    hour: time.getUTCHours(),
    date: time.getUTCDate(),
    month: time.getUTCMonth() + 1,
    dow: time.getUTCDay(),
  };
}
