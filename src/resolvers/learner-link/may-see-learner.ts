import type { LearnerLink } from '../../entities/learner-link.entity.js';
import type { ProgramEnrollment } from '../../entities/program-enrollment.entity.js';
import type { GraphContext } from '../context.js';

/**
 * Whether the caller may see a learner: themselves, a learner of an organization whose enrollments they may read, or one of a
 * program whose enrollments they may read. SUPPORT, who may tie each of them to an account, sees each of them.
 */
export async function maySeeLearner(link: LearnerLink, context: GraphContext): Promise<boolean> {
  const { viewer, programs } = context;
  if (link.accountId != null && link.accountId === viewer.account?.id) return true;
  if (viewer.roles.has('SUPPORT')) return true;
  const ofOrganization = await programs.organizationPermissions.load(link.organizationId);
  if (ofOrganization.has('READ_ENROLLMENTS')) return true;
  return (await visibleEnrollments(await programs.enrollmentsOfLearner.load(link.id), link, context)).length > 0;
}

/** Those of a learner's enrollments that the caller may see: all of one's own, else by program. */
export async function visibleEnrollments(
  rows: readonly ProgramEnrollment[],
  link: LearnerLink,
  { viewer, programs }: GraphContext,
): Promise<ProgramEnrollment[]> {
  if (link.accountId != null && link.accountId === viewer.account?.id) return [...rows];
  const readable = await Promise.all(
    rows.map(async ({ programId }) => {
      const program = await programs.program.load(programId);
      return program !== undefined && (await programs.permissions.load(program)).has('READ_ENROLLMENTS');
    }),
  );
  return rows.filter((_, index) => readable[index]);
}
