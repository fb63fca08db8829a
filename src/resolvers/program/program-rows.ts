import DataLoader from 'dataloader';
import type { Viewer } from '../../access/viewer.js';
import type { LearnerLink, LearnerLinkEvent } from '../../entities/learner-link.entity.js';
import type { Organization } from '../../entities/organization.entity.js';
import type { Program } from '../../entities/program.entity.js';
import type { ProgramCourseEnrollment, ProgramEnrollment } from '../../entities/program-enrollment.entity.js';
import type { ProgramPermission } from '../../services/partner-grant/partner-roles.js';
import type { DescribedProgram } from '../../services/program/describe.js';
import type { GraphServices } from '../services.js';

/**
 * Rows of programs and their learners, batched, with what the viewer may do with each program: whatever leads to a program, a
 * learner or an enrollment asks here first.
 */
export interface ProgramRows {
  program: DataLoader<string, Program | undefined>;
  /** As Discovery describes it; what is fresh is not asked again. */
  described: DataLoader<Program, DescribedProgram, string>;
  organization: DataLoader<string, Organization | undefined>;
  permissions: DataLoader<Pick<Program, 'id' | 'organizationId'>, ReadonlySet<ProgramPermission>, string>;
  /** What the viewer may do with all programs of an organization. */
  organizationPermissions: DataLoader<string, ReadonlySet<ProgramPermission>>;
  learner: DataLoader<string, LearnerLink | undefined>;
  learnersOfAccount: DataLoader<string, LearnerLink[]>;
  learnerHistory: DataLoader<string, LearnerLinkEvent[]>;
  enrollmentsOfLearner: DataLoader<string, ProgramEnrollment[]>;
  coursesOfEnrollment: DataLoader<string, ProgramCourseEnrollment[]>;
}

export function createProgramRows(services: GraphServices, viewer: Viewer): ProgramRows {
  const { programs, programPermissions, learnerLinks, programEnrollments } = services;
  const byId = <Row extends { id: string }>(find: (ids: readonly string[]) => Promise<Row[]>) =>
    new DataLoader<string, Row | undefined>(async (ids) => {
      const rows = new Map((await find(ids)).map((row) => [row.id, row]));
      return ids.map((id) => rows.get(id));
    });
  const grouped = <Row>(find: (ids: readonly string[]) => Promise<Row[]>, keyOf: (row: Row) => string) =>
    new DataLoader<string, Row[]>(async (ids) => {
      const rows = Map.groupBy(await find(ids), keyOf);
      return ids.map((id) => rows.get(id) ?? []);
    });
  const none: ReadonlySet<ProgramPermission> = new Set();
  return {
    program: byId((ids) => programs.findByIds(ids)),
    described: new DataLoader((rows) => programs.describe(rows, { purpose: 'request' }), {
      cacheKeyFn: ({ id }) => id,
    }),
    organization: byId((ids) => programs.findOrganizations(ids)),
    permissions: new DataLoader(
      async (rows) => {
        const found = await programPermissions.of(viewer, rows);
        return rows.map(({ id }) => found.get(id) ?? none);
      },
      { cacheKeyFn: ({ id }) => id },
    ),
    organizationPermissions: new DataLoader(async (ids) => {
      const found = await programPermissions.ofOrganizations(viewer, ids);
      return ids.map((id) => found.get(id) ?? none);
    }),
    learner: byId((ids) => learnerLinks.findByIds(ids)),
    learnersOfAccount: grouped(
      (ids) => learnerLinks.ofAccounts(ids),
      ({ accountId }) => accountId ?? '',
    ),
    learnerHistory: grouped(
      (ids) => learnerLinks.history(ids),
      ({ learnerLinkId }) => learnerLinkId,
    ),
    enrollmentsOfLearner: grouped(
      (ids) => programEnrollments.ofLearners(ids),
      ({ learnerLinkId }) => learnerLinkId,
    ),
    coursesOfEnrollment: grouped(
      (ids) => programEnrollments.coursesOf(ids),
      ({ programEnrollmentId }) => programEnrollmentId,
    ),
  };
}
