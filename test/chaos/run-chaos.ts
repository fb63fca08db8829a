import { orderFaults } from './faults.js';
import { findProblems, readStanding, type Standing } from './outcome.js';
import { createPeople, isAboutCourse, type Person } from './people.js';
import { createRandom } from './seeded-random.js';
import type { ChaosSite } from './site.js';

export interface ChaosOptions {
  seed: number;
  /** How many register; each does five to six things after that. */
  people: number;
  kills: number;
  /** Starts nothing yet. */
  open(home: string): Promise<ChaosSite>;
  /** Folder for the product's data and log; new and empty. */
  home: string;
  tell(line: string): void;
}

export interface ChaosReport {
  standing: Standing;
  /** Empty: nothing was lost, doubled or stuck. */
  problems: string[];
  seconds: number;
}

const open = ['course-v1:edX+DemoX+Demo_Course', 'course-v1:edX+E2E-101+course', 'course-v1:DemoU+CS101+2026_T1'];
const doomed = 'course-v1:OpenSchool+CLOSED+2020';
const settleDeadlineMs = 240_000;
const concurrentPeople = 8;

/**
 * Registers and enrolls people while the product, its PostgreSQL and its LMS are killed with SIGKILL and started again, then
 * waits until all has settled, and looks for anything lost or doubled. What is done is the same for the same seed; when a kill
 * meets which call is up to the machine.
 */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { seed, tell } = options;
  const startedAt = performance.now();
  const random = createRandom(seed);
  const crowd = inventPeople(options.people, random);
  await using product = await options.open(options.home);
  await product.start();
  await product.pullLever('/_sandbox/settings', { throttles: false, tokenLimit: 100_000 });
  tell(
    `seed ${seed}: ${crowd.length} people, ${crowd.reduce((sum, { acts }) => sum + 1 + acts.length, 0)} acts, faults of the LMS all the while; ${options.kills} kills`,
  );
  await using people = createPeople(() => product.databaseUrl);

  const waiting = [...crowd];
  const acting = Array.from({ length: concurrentPeople }, async () => {
    for (let person = waiting.shift(); person; person = waiting.shift()) {
      await people.register(person);
      for (const [number, act] of person.acts.entries()) await people.act(person, act, number);
    }
  });
  const faults = orderFaults(product, createRandom(seed + 1000));
  await Promise.all([...acting, killAndRestart(product, options, random)]);
  await faults.end();
  const standing = await settle(product, crowd.length);
  const problems = await findProblems(product, crowd);
  if (!product.isRunning) problems.push('the product ended by itself');
  return { standing, problems, seconds: (performance.now() - startedAt) / 1000 };
}

function inventPeople(count: number, random: () => number): Person[] {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  // Few names for many people: they compete for usernames, here and in the LMS.
  const inventName = () => `${pick(['Ada', 'Bo', 'Cleo', 'Dan', 'Eve'])} ${pick(['Stone', 'Rivers', 'Woods'])}`;
  return Array.from({ length: count }, (_, index) => ({
    email: `person${index}@chaos.example`,
    name: inventName(),
    acts: inventActs(`person${index}`, pick, random, inventName),
  }));
}

/** With the registration about six: enrolled somewhere, then whatever a learner may do next. */
function inventActs(
  id: string,
  pick: <T>(items: readonly T[]) => T,
  random: () => number,
  inventName: () => string,
): Person['acts'] {
  const courseKey = pick(open);
  const acts: Person['acts'] = [{ kind: 'enroll', courseKey }];
  let isEnrolled = true;
  for (let more = 0; more < 4; more++) {
    const whim = random();
    if (whim < 0.2) acts.push({ kind: 'rename', name: inventName() });
    else if (whim < 0.35) acts.push({ kind: 'move', country: pick(['us', 'gb', 'de', 'fr']) });
    else if (whim < 0.5) acts.push({ kind: 'readdress', email: `${id}-${more}@chaos.example` });
    else if (!isEnrolled) acts.push({ kind: 'enroll', courseKey });
    else
      acts.push(
        random() < 0.5 ? { kind: 'unenroll', courseKey } : { kind: 'change-mode', courseKey, mode: 'verified' },
      );
    const last = acts.at(-1);
    if (last && isAboutCourse(last)) isEnrolled = last.kind !== 'unenroll';
  }
  return random() < 0.1 ? [...acts, { kind: 'enroll', courseKey: doomed }] : acts;
}

/** Kills when a share of the work is done, so that there is always something under way. */
async function killAndRestart(product: ChaosSite, options: ChaosOptions, random: () => number): Promise<void> {
  for (let index = 0; index < options.kills; index++) {
    const share = (index + 0.3 + random() * 0.6) / (options.kills + 0.5);
    const standing = await until(product, ({ linked }) => linked >= share * options.people);
    await pause(random() * 300);
    const victims = product.killings[index % product.killings.length] ?? [];
    await product.kill(victims);
    options.tell(`  ${standing.linked} linked, ${standing.open} under way: killed ${victims.join(', ')}`);
    await product.start();
  }
}

async function settle(product: ChaosSite, people: number): Promise<Standing> {
  return until(product, ({ accounts, open: underWay }) => accounts === people && underWay === 0);
}

async function until(product: ChaosSite, isEnough: (standing: Standing) => boolean): Promise<Standing> {
  const deadline = Date.now() + settleDeadlineMs;
  for (;;) {
    const standing = await readStanding(product);
    if (standing && isEnough(standing)) return standing;
    if (Date.now() > deadline) throw new Error(`not settled in time: ${JSON.stringify(standing)}`);
    await pause(50);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
