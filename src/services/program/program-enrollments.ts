import { type EntityManager, type FilterQuery, raw } from '@mikro-orm/postgresql';
import {
  type ProgramCourseEnrollment,
  ProgramCourseEnrollmentEntity,
  type ProgramEnrollment,
  ProgramEnrollmentEntity,
  type ProgramEnrollmentStatus,
} from '../../entities/program-enrollment.entity.js';
import { findPage, type Page, type PageRequest } from '../keyset.js';

/** Which enrollments of a program: all that is given must hold. */
export interface ProgramEnrollmentFilter {
  statuses?: readonly ProgramEnrollmentStatus[] | undefined;
  /** Whether the learner has an account, or an LMS user. */
  isLinked?: boolean | undefined;
  /** Of these learners, in any letter case. */
  externalKeys?: readonly string[] | undefined;
  /** Written or read then or later. */
  updatedSince?: Date | undefined;
}

/** Enrollments in programs and their runs, as stored. Who may see them is the caller's question. */
export interface ProgramEnrollments {
  findByIds(ids: readonly string[]): Promise<ProgramEnrollment[]>;
  list(programId: string, filter: ProgramEnrollmentFilter, page: PageRequest): Promise<Page<ProgramEnrollment>>;
  /** Of learners, oldest first. */
  ofLearners(learnerLinkIds: readonly string[]): Promise<ProgramEnrollment[]>;
  /** Enrollments in runs, of many at once. */
  coursesOf(programEnrollmentIds: readonly string[]): Promise<ProgramCourseEnrollment[]>;
}

const linked = `select id from learner_link where state = 'LINKED'`;
const named = `select id from learner_link where lower(external_key) in
  (select lower(value) from jsonb_array_elements_text(?::jsonb))`;

export function createProgramEnrollments({ em }: { em: EntityManager }): ProgramEnrollments {
  return {
    findByIds: (ids) => em.fork().find(ProgramEnrollmentEntity, { id: { $in: [...ids] } }),
    list(programId, { statuses, isLinked, externalKeys, updatedSince }, page) {
      const conditions: FilterQuery<ProgramEnrollment>[] = [{ programId }];
      if (statuses) conditions.push({ status: { $in: [...statuses] } });
      if (isLinked === true) conditions.push({ learnerLinkId: { $in: raw(`(${linked})`) } });
      if (isLinked === false) conditions.push({ learnerLinkId: { $nin: raw(`(${linked})`) } });
      if (externalKeys) conditions.push({ learnerLinkId: { $in: raw(`(${named})`, [JSON.stringify(externalKeys)]) } });
      if (updatedSince) conditions.push({ asOf: { $gte: updatedSince } });
      return findPage(em.fork(), ProgramEnrollmentEntity, { $and: conditions }, page);
    },
    ofLearners: (ids) =>
      em.fork().find(ProgramEnrollmentEntity, { learnerLinkId: { $in: [...ids] } }, { orderBy: { id: 'asc' } }),
    coursesOf: (ids) =>
      em
        .fork()
        .find(
          ProgramCourseEnrollmentEntity,
          { programEnrollmentId: { $in: [...ids] } },
          { orderBy: { courseKey: 'asc' } },
        ),
  };
}
