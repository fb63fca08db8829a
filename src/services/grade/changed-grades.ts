import type { EntityManager } from '@mikro-orm/postgresql';
import { type CourseGrade, CourseGradeEntity } from '../../entities/course-grade.entity.js';

/** Whose grades: all that is given must hold. */
export interface ChangedGradesOf {
  accountId?: string | undefined;
  courseKey?: string | undefined;
}

/** Stored grades that became others since then; those that were only seen again are not among them. */
export function findChangedGrades(
  em: EntityManager,
  since: Date,
  { accountId, courseKey }: ChangedGradesOf,
): Promise<CourseGrade[]> {
  return em.fork().find(CourseGradeEntity, {
    updatedAt: { $gte: since },
    ...(accountId !== undefined && { accountId }),
    ...(courseKey !== undefined && { courseKey }),
  });
}
