import type { EntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../clock.js';
import type { ProgramEnrollmentReads } from '../../datasources/program/read-enrollments.js';
import type { CallOptions } from '../../datasources/upstream/call.js';
import { type Program, ProgramEntity } from '../../entities/program.entity.js';
import { UpstreamRejectedError } from '../../errors.js';
import { followLms } from '../learner-link/follow-lms.js';
import type { Describe } from './describe.js';
import { recordProgramCourseEnrollments, recordProgramEnrollments } from './record-enrollments.js';

export interface ReadLearnersDeps {
  em: EntityManager;
  reads: ProgramEnrollmentReads;
  describe: Describe;
  clock: Clock;
}

/** What a reading of a program's learners found. */
export interface ReadLearnersReport {
  learners: number;
  courseEnrollments: number;
}

/** Course runs that are read at a time. */
const runsAtOnce = 4;

const forgetUnseen = `
  update program_enrollment set confirmed_at = null, updated_at = now()
  where program_id = ? and as_of < ? and confirmed_at is not null`;

/**
 * Reads the learners of a program, and those of its course runs, from the LMS and stores them page by page, with whom the LMS has
 * tied them to. Enrollments that the LMS does not have any more are not confirmed any more.
 *
 * @throws UpstreamRejectedError when the LMS does not know the program: its own cache of programs has to be filled first
 * @throws UpstreamUnavailableError when the LMS is away; what was stored stays
 */
export async function readLearners(
  { em, reads, describe, clock }: ReadLearnersDeps,
  program: Program,
  options: CallOptions,
): Promise<ReadLearnersReport> {
  const { discoveryUuid } = program;
  if (discoveryUuid == null) return { learners: 0, courseEnrollments: 0 };
  const startedAt = clock();
  const at = { programId: program.id, confirmedAt: startedAt, source: 'lms' };
  let learners = 0;
  for await (const rows of reads.learnersOf(discoveryUuid, options)) {
    await em.fork().transactional(async (tx) => {
      await recordProgramEnrollments(tx, at, rows);
      const tied = rows.flatMap(({ externalKey, username }) => (username === null ? [] : [{ externalKey, username }]));
      await followLms(tx, program.organizationId, tied, clock());
    });
    learners += rows.length;
  }
  const [described] = await describe([program], options);
  const runs = runsOf(described?.program ?? program);
  const readRun = async (courseKey: string): Promise<number> => {
    let count = 0;
    for await (const rows of reads.courseLearnersOf(discoveryUuid, courseKey, options)) {
      const seen = rows.map((row) => ({ ...row, courseKey }));
      await em.fork().transactional((tx) => recordProgramCourseEnrollments(tx, at, seen));
      count += rows.length;
    }
    return count;
  };
  const courseEnrollments = learners === 0 ? 0 : await sumOf(runs, (run) => readRun(run).catch(nobodyIfUnknown));
  await em.fork().transactional(async (tx) => {
    await tx.execute(forgetUnseen, [program.id, startedAt]);
    await tx.nativeUpdate(ProgramEntity, { id: program.id }, { learnersReadAt: startedAt });
  });
  return { learners, courseEnrollments };
}

/** Discovery and the LMS may disagree about which runs a program has; in a run that the LMS does not count, it has nobody. */
function nobodyIfUnknown(error: unknown): number {
  if (error instanceof UpstreamRejectedError && error.status === 404) return 0;
  throw error;
}

function runsOf({ details }: Program): string[] {
  const all = [...(details?.curricula ?? []).flatMap(({ runs }) => runs), ...(details?.runs ?? [])];
  return [...new Set(all.map(({ courseKey }) => courseKey))];
}

async function sumOf(keys: readonly string[], count: (key: string) => Promise<number>): Promise<number> {
  const waiting = [...keys];
  let sum = 0;
  const work = async () => {
    for (let key = waiting.shift(); key !== undefined; key = waiting.shift()) {
      const more = await count(key);
      sum += more;
    }
  };
  await Promise.all(Array.from({ length: runsAtOnce }, work));
  return sum;
}
