import { createSchedules, nextRun } from '../../jobs/schedule.js';
import { openContext } from '../command-context.js';
import { printAnswer } from '../output.js';

/** `portico schedules`: what runs by the clock, as the settings say, when it last ran, how that ended, and when it runs next. */
export async function listSchedules({ json }: { json: boolean }): Promise<void> {
  await using opened = await openContext();
  const { config, clock, services } = opened.context;
  const runs = new Map((await services.scheduleLog.list()).map((run) => [run.name, run]));
  const schedules = createSchedules(config.schedule).map((schedule) => {
    const run = runs.get(schedule.job);
    return {
      name: schedule.job,
      description: schedule.description,
      when: schedule.timing.text,
      settings: schedule.settings,
      isOff: schedule.isOff,
      lastRunAt: run?.startedAt ?? null,
      lastEndedAt: run?.finishedAt ?? null,
      outcome: run?.outcome ?? null,
      error: run?.error ?? null,
      nextRunAt: (schedule.isOff ? undefined : nextRun(schedule, clock())) ?? null,
    };
  });
  const width = Math.max(...schedules.map(({ name }) => name.length));
  printAnswer(
    json,
    { schedules },
    schedules.flatMap(({ name, description, when, settings, isOff, lastRunAt, outcome, error, nextRunAt }) => {
      const followed = Object.entries(settings).filter(([, value]) => value !== '');
      return [
        `${name.padEnd(width)}  ${when}${isOff ? '  OFF' : ''}`,
        `  ${description}`,
        `  last ${lastRunAt ? `${new Date(lastRunAt).toISOString()} ${outcome ?? 'not ended'}${error ? ` (${error})` : ''}` : 'never'}, next ${nextRunAt?.toISOString() ?? 'never'}`,
        ...(followed.length > 0 ? [`  ${followed.map(([key, value]) => `${key}=${value}`).join('  ')}`] : []),
      ];
    }),
  );
}
