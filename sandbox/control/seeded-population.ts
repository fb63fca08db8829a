import { hashPassword } from '../lms/auth/passwords.js';
import type { Lms } from '../lms/lms.js';
import { addCourse, addUser, courseMode } from '../lms/population.js';
import { InvalidLever } from './invalid-lever.js';

export interface SeedSizes {
  readonly users: number;
  readonly courses: number;
  readonly enrollmentsPerUser: number;
  readonly seed: number;
}

/** Users of one journal line, so that a large seed neither writes a line per row nor one line of everything. */
const USERS_PER_TRANSACTION = 500;
const FIRST_DAY_MS = Date.parse('2026-03-01T00:00:00Z');

/** @throws InvalidLever */
export function readSeedSizes(body: Readonly<Record<string, unknown>>): SeedSizes {
  const number = (name: string, otherwise: number): number => {
    const value = body[name] ?? otherwise;
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0)
      throw new InvalidLever(`"${name}" is a whole number from 0.`);
    return value;
  };
  const sizes = {
    users: number('users', 0),
    courses: number('courses', 0),
    enrollmentsPerUser: number('enrollmentsPerUser', 0),
    seed: number('seed', 1),
  };
  if (sizes.enrollmentsPerUser > sizes.courses) throw new InvalidLever('"enrollmentsPerUser" cannot exceed "courses".');
  return sizes;
}

/**
 * Adds a population that is the same for the same numbers: `learner00001`… with a link each, `course-v1:Seed+C00001+2026`…, every
 * user enrolled in as many of them as asked for, evenly, with a grade each. Rows that are there already are replaced.
 */
export function seedPopulation(lms: Lms, { users, courses, enrollmentsPerUser, seed }: SeedSizes): void {
  const { state } = lms;
  const random = randomNumbers(seed);
  const passwordHash = hashPassword('learner-password-1');
  state.atomically(() => {
    for (let at = 1; at <= courses; at++) seedCourse(lms, at);
  });
  for (let from = 1; from <= users; from += USERS_PER_TRANSACTION) {
    state.atomically(() => {
      for (let at = from; at <= Math.min(users, from + USERS_PER_TRANSACTION - 1); at++) {
        const username = `learner${pad(at)}`;
        if (state.user(username) === undefined) {
          addUser(state, {
            username,
            email: `${username}@example.org`,
            name: `Learner ${pad(at)}`,
            passwordHash,
            dateJoined: '2026-02-01T00:00:00Z',
            profile: { yearOfBirth: 1990, country: 'US' },
          });
        }
        const backend = state.provider.backend;
        if (state.link(backend, username) === undefined)
          state.putLink({ id: state.nextId('link'), username, backend, uid: username });
        for (let nth = 0; nth < enrollmentsPerUser; nth++) {
          // Each user begins where the one before ended, so every course gets the same number of people.
          const number = (((at - 1) * enrollmentsPerUser + nth) % courses) + 1;
          seedEnrollment(
            lms,
            username,
            courseKey(number),
            at * enrollmentsPerUser + nth,
            Math.round(random() * 100) / 100,
          );
        }
      }
    });
  }
}

function seedCourse({ state }: Lms, at: number): void {
  const modes = [courseMode('audit'), courseMode('verified', { minPrice: 49, expiresAt: '2099-01-01T00:00:00Z' })];
  addCourse(state, {
    courseKey: courseKey(at),
    displayName: `Seeded Course ${pad(at)}`,
    start: '2026-01-01T00:00:00Z',
    modes,
  });
}

function seedEnrollment({ state }: Lms, username: string, key: string, minutes: number, percent: number): void {
  const created = new Date(FIRST_DAY_MS + minutes * 60_000).toISOString().replace('.000Z', 'Z');
  const id = state.enrollment(username, key)?.id ?? state.nextId('enrollment');
  state.putEnrollment({ id, username, courseKey: key, mode: 'audit', isActive: true, created, attributes: [] });
  const letterGrade =
    percent >= 0.9 ? 'A' : percent >= 0.8 ? 'B' : percent >= 0.7 ? 'C' : percent >= 0.5 ? 'Pass' : null;
  state.putGrade({
    username,
    courseKey: key,
    percent,
    letterGrade,
    passed: letterGrade !== null,
    scorePercent: percent,
  });
}

function courseKey(at: number): string {
  return `course-v1:Seed+C${pad(at)}+2026`;
}

function pad(at: number): string {
  return String(at).padStart(5, '0');
}

/** A small generator (mulberry32), so that a seed always gives the same grades. */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
