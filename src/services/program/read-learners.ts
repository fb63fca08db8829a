import type { EntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../clock.js';
import type { ListedCourseEnrollment, ProgramEnrollmentReads } from '../../datasources/program/read-enrollments.js';
import type { CallOptions } from '../../datasources/upstream/call.js';
import { type CurriculumRun, type Program, ProgramEntity } from '../../entities/program.entity.js';
import { tellLms } from '../identity-provider/tell-lms.js';
import { followLms } from '../learner-link/follow-lms.js';
import type { Describe } from './describe.js';
import { recordProgramCourseEnrollments, recordProgramEnrollments } from './record-enrollments.js';
import { type ProgramSource, refOf } from './source.js';

export interface ReadLearnersDeps {
  em: EntityManager;
  reads: ProgramEnrollmentReads;
  source: Pick<ProgramSource, 'isTied'>;
  describe: Describe;
  clock: Clock;
}

/** What a reading of a program's learners found. */
export interface ReadLearnersReport {
  learners: number;
  courseEnrollments: number;
}

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
  { em, reads, source, describe, clock }: ReadLearnersDeps,
  program: Program,
  options: CallOptions,
): Promise<ReadLearnersReport> {
  if (!source.isTied(program)) return { learners: 0, courseEnrollments: 0 };
  const startedAt = clock();
  const at = { programId: program.id, confirmedAt: startedAt, source: 'lms' };
  let learners = 0;
  for await (const rows of reads.learnersOf(refOf(program), options)) {
    await em.fork().transactional(async (tx) => {
      await recordProgramEnrollments(tx, at, rows);
      const tied = rows.flatMap(({ externalKey, username }) => (username === null ? [] : [{ externalKey, username }]));
      await followLms(tx, program.organizationId, tied, clock());
      const untied = rows.flatMap(({ externalKey, username }) => (username === null ? [externalKey] : []));
      await tellLms(tx, program.organizationId, untied);
    });
    learners += rows.length;
  }
  const [described] = await describe([program], options);
  const runs = runsOf(described?.program ?? program);
  let courseEnrollments = 0;
  const take = async (courseKey: string, rows: ListedCourseEnrollment[]) => {
    const seen = rows.map((row) => ({ ...row, courseKey }));
    await em.fork().transactional((tx) => recordProgramCourseEnrollments(tx, at, seen));
    courseEnrollments += rows.length;
  };
  if (learners > 0) await reads.eachCourseLearner(refOf(program), runs, take, options);
  await em.fork().transactional(async (tx) => {
    await tx.execute(forgetUnseen, [program.id, startedAt]);
    await tx.nativeUpdate(ProgramEntity, { id: program.id }, { learnersReadAt: startedAt });
  });
  return { learners, courseEnrollments };
}

function runsOf({ details }: Program): CurriculumRun[] {
  const all = [...(details?.curricula ?? []).flatMap(({ runs }) => runs), ...(details?.runs ?? [])];
  return [...new Map(all.map((run) => [run.courseKey, run])).values()];
}
