import { type Answer, empty, html, json, redirect } from '../lms/http/answer.js';
import type { Call } from '../lms/http/call.js';
import type { RequestLog } from '../lms/http/request-log.js';
import type { Site } from '../lms/http/site.js';
import type { Lms } from '../lms/lms.js';
import { readFaults, showFault } from './fault-list.js';
import { InvalidLever, leverBody, leverJson } from './invalid-lever.js';
import { publishEvent } from './lms-events.js';
import { overviewPage } from './overview-page.js';
import { seedRecorded } from './recorded-population.js';
import { readSeedSizes, seedPopulation } from './seeded-population.js';
import { changeSettings, showSettings } from './settings.js';
import { signInByProvider } from './sign-in-lever.js';

export interface ControlOptions {
  /** Puts the demo back. */
  readonly refill: () => void;
  /** Changes when the sandbox was started with other credentials or another Portico. */
  readonly configuration: string;
}

export interface Lever {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  readonly path: string;
  readonly pull: (call: Call) => Answer | Promise<Answer>;
}

/** Every lever of one server, by method and path: faults and requests are its own, everything else is shared. */
export function levers(lms: Lms, site: Site, requests: RequestLog, options: ControlOptions): Lever[] {
  const { state } = lms;
  return [
    {
      method: 'GET',
      path: '/_sandbox/health',
      pull: () =>
        json({
          ok: true,
          pid: process.pid,
          configuration: options.configuration,
          lms: lms.rootUrl(),
          portico: lms.porticoUrl(),
        }),
    },
    {
      method: 'GET',
      path: '/_sandbox/requests',
      pull: (call) => json(requests.since(Number(call.argument('since') ?? 0) || 0)),
    },
    {
      method: 'DELETE',
      path: '/_sandbox/requests',
      pull: () => {
        requests.clear();
        return empty(204);
      },
    },
    { method: 'GET', path: '/_sandbox/faults', pull: () => json([...site.faults.values()].map(showFault)) },
    {
      method: 'PUT',
      path: '/_sandbox/faults',
      pull: (call) => {
        const faults = readFaults(leverJson(call.body));
        state.atomically(() => {
          site.faults.clear();
          for (const [at, fault] of faults.entries()) site.faults.set(String(at), fault);
        });
        return json(faults.map(showFault));
      },
    },
    {
      method: 'DELETE',
      path: '/_sandbox/faults',
      pull: () => {
        site.faults.clear();
        return empty(204);
      },
    },
    { method: 'GET', path: '/_sandbox/settings', pull: () => json(showSettings(state.settings)) },
    {
      method: 'PUT',
      path: '/_sandbox/settings',
      pull: (call) => {
        const before = state.settings;
        state.settings = changeSettings(before, leverBody(call.body), lms.now());
        if (before.throttles !== state.settings.throttles) lms.throttle.reset();
        if (
          before.registrationLimit !== state.settings.registrationLimit ||
          before.tokenLimit !== state.settings.tokenLimit
        )
          lms.attempts.reset();
        return json(showSettings(state.settings));
      },
    },
    { method: 'PUT', path: '/_sandbox/grades', pull: (call) => changeGrade(lms, leverBody(call.body)) },
    { method: 'GET', path: '/_sandbox', pull: () => html(overviewPage(lms, site, requests)) },
    { method: 'POST', path: '/_sandbox/switches', pull: (call) => flipSwitches(lms, site, options, call) },
    {
      method: 'POST',
      path: '/_sandbox/events',
      pull: async (call) => json(await publishEvent(lms, leverBody(call.body))),
    },
    {
      method: 'POST',
      path: '/_sandbox/sign-in',
      pull: (call) => json(signInByProvider(lms, leverBody(call.body))),
    },
    { method: 'POST', path: '/_sandbox/seed', pull: (call) => seed(lms, leverBody(call.body)) },
    { method: 'GET', path: '/_sandbox/mail', pull: () => json([...state.mail.values()]) },
    {
      method: 'DELETE',
      path: '/_sandbox/mail',
      pull: () => {
        state.mail.clear();
        return empty(204);
      },
    },
    {
      method: 'DELETE',
      path: '/_sandbox/state',
      pull: () => {
        options.refill();
        return empty(204);
      },
    },
  ];
}

/** What the page's buttons do; then the page again. */
async function flipSwitches(lms: Lms, site: Site, options: ControlOptions, call: Call): Promise<Answer> {
  const { state } = lms;
  const form = await call.form();
  switch (form.get('act')) {
    case 'down':
      site.faults.set(`page-${site.faults.size}`, { match: '*', method: null, mode: 'down', times: null, ms: null });
      break;
    case 'up':
      site.faults.clear();
      break;
    case 'reset':
      options.refill();
      break;
    case 'settings': {
      const flags = { throttles: form.has('throttles'), oldRelease: form.has('oldRelease') };
      state.settings = changeSettings(
        state.settings,
        { ...flags, misconfigured: form.getAll('misconfigured') },
        lms.now(),
      );
      break;
    }
    default:
      throw new InvalidLever('"act" is down, up, reset or settings.');
  }
  return { ...redirect('/_sandbox/#switches'), status: 303 };
}

/** Either a population of the asked sizes beside what is there, or a recorded one instead of it. */
function seed(lms: Lms, body: Record<string, unknown>): Answer {
  const { population } = body;
  if (population === undefined) seedPopulation(lms, readSeedSizes(body));
  else if (population !== null && typeof population === 'object') seedRecorded(lms, { ...population });
  else throw new InvalidLever('"population" is an object.');
  const { users, courses, enrollments, grades } = lms.state;
  return json({ users: users.size, courses: courses.size, enrollments: enrollments.size, grades: grades.size });
}

/** A grade changes as a course would change it: an enrolled learner's stored grade. */
function changeGrade({ state, announcer }: Lms, body: Record<string, unknown>): Answer {
  const { username, courseKey, percent = 0, letterGrade = null, error } = body;
  if (
    typeof username !== 'string' ||
    typeof courseKey !== 'string' ||
    typeof percent !== 'number' ||
    !(percent >= 0 && percent <= 1)
  ) {
    throw new InvalidLever(
      'Send {"username", "courseKey", "percent": 0..1, "letterGrade": text or null, "error"?: text}.',
    );
  }
  if (letterGrade !== null && typeof letterGrade !== 'string')
    throw new InvalidLever('"letterGrade" is a text or null.');
  if (error !== undefined && typeof error !== 'string') throw new InvalidLever('"error" is a text.');
  const enrollment = state.enrollment(username, courseKey);
  if (enrollment === undefined) throw new InvalidLever(`${username} is not enrolled in ${courseKey}.`);
  const grade = {
    username: enrollment.username,
    courseKey: enrollment.courseKey,
    percent,
    letterGrade,
    passed: letterGrade !== null,
    scorePercent: percent,
    ...(error === undefined ? {} : { error }),
  };
  const before = state.grade(grade.username, grade.courseKey);
  state.putGrade(grade);
  announcer.graded(before, grade);
  return json(grade);
}
