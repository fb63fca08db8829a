import { expect, test } from 'vitest';
import { taskOf } from '../../../src/jobs/queue-class.js';
import { at, createSchedules, every, nextRun } from '../../../src/jobs/schedule.js';
import { testSettings } from '../../support/settings.js';

const schedulesWith = (env: Record<string, string>) =>
  createSchedules(testSettings({ DATABASE_URL: 'postgres://x', ...env }).config.schedule);
const find = (env: Record<string, string>, name: string) => {
  const found = schedulesWith(env).find(({ job }) => job === name);
  if (!found) throw new Error(`no schedule ${name}`);
  return found;
};
const runs = (timing: ReturnType<typeof every>, from: string, count: number) => {
  const schedule = { job: 'repair-links', description: '', settings: {}, isOff: false, timing } as const;
  const times: string[] = [];
  for (let time: Date | undefined = new Date(from); times.length < count; ) {
    time = time && nextRun(schedule, time);
    if (!time) break;
    times.push(time.toISOString().slice(5, 16));
  }
  return times;
};

test('a period runs from midnight on, another one half a period later', () => {
  expect(runs(every(1800), '2026-11-25T23:10:00Z', 3)).toEqual(['11-25T23:30', '11-26T00:00', '11-26T00:30']);
  expect(runs(every(1800, 900), '2026-11-25T23:10:00Z', 3)).toEqual(['11-25T23:15', '11-25T23:45', '11-26T00:15']);
  expect(runs(every(7200, 3600), '2026-11-25T22:00:00Z', 2)).toEqual(['11-25T23:00', '11-26T01:00']);
  expect(runs(every(1), '2026-11-25T22:00:00Z', 2)).toEqual(['11-25T22:01', '11-25T22:02']);
});

test('hours and days are cron fields', () => {
  expect(runs(at(10, '0', '*'), '2026-11-25T12:00:00Z', 2)).toEqual(['11-26T00:10', '11-27T00:10']);
  expect(runs(at(0, '9', '1'), '2026-11-25T12:00:00Z', 1)).toEqual(['11-30T09:00']);
  expect(runs(at(0, '*/6', '7'), '2026-11-25T12:00:00Z', 2)).toEqual(['11-29T00:00', '11-29T06:00']);
  expect(runs(at(5, '1-2,20', '*'), '2026-11-25T12:00:00Z', 3)).toEqual(['11-25T20:05', '11-26T01:05', '11-26T02:05']);
});

test('the settings of the field are followed, the repairs half a period after the enrollments', () => {
  expect(find({}, 'retry-enrollments').timing.text).toBe('every 1800 s');
  expect(find({}, 'repair-links').timing.text).toBe('every 1800 s, 900 s after the others');
  expect(find({ REPAIR_COURSEWARE_USERS_FREQUENCY: '600' }, 'repair-links').timing.text).toContain('every 600 s');
  expect(
    find({ CRON_COURSERUN_SYNC_HOURS: '4', CRON_COURSERUN_SYNC_DAYS: '1-5' }, 'sync-course-runs').timing.text,
  ).toBe('10 4 * * 1-5');
  expect(find({}, 'sync-grades').timing.text).toBe('25 0 * * *');
  expect(
    find({ CRON_COURSE_CERTIFICATES_HOURS: '*', CRON_COURSE_CERTIFICATES_DAYS: '1-5' }, 'sync-grades').timing.text,
  ).toBe('25 * * * 1-5');
  expect(() => schedulesWith({ CRON_COURSERUN_SYNC_HOURS: 'noon' })).toThrow('CRON_COURSERUN_SYNC_HOURS');
});

test('schedules are switched off one by one, or all at once', () => {
  expect(find({}, 'repair-links').isOff).toBe(false);
  expect(find({ DISABLE_USER_REPAIR_TASK: 'true' }, 'repair-links').isOff).toBe(true);
  expect(find({ DISABLE_SCHEDULES: 'check-drift' }, 'check-drift').isOff).toBe(true);
  expect(find({ DISABLE_SCHEDULES: 'check-drift' }, 'repair-links').isOff).toBe(false);
  expect(schedulesWith({ DISABLE_SCHEDULES: 'all' }).every(({ isOff }) => isOff)).toBe(true);
});

test('work of many rows is queued apart from what somebody waits for', () => {
  expect(taskOf('create-edx-account')).toBe('create-edx-account');
  expect(taskOf('create-edx-account', 10)).toBe('bulk/create-edx-account');
  expect(taskOf('prune-expired', 20)).toBe('prune-expired');
});
