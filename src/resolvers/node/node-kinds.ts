import type { Access } from '../../access/policy.js';
import { courseKeyOf, isCourseKey } from '../../datasources/course-key.js';
import { accountAccess, toAccount } from '../account/account.type.js';
import { auditEventAccess, toAuditEvent } from '../audit-event/audit-event.type.js';
import type { GraphContext } from '../context.js';
import { toCourse } from '../course/course.type.js';
import { findCourseRun } from '../course-run/course-run.resolver.js';
import { catalogAccess } from '../course-run/course-run.type.js';
import { toEdxLink } from '../edx-link/edx-link.type.js';
import { learningAccess, toEnrollment } from '../enrollment/enrollment.type.js';
import { findLmsEnrollments, readLmsKey } from '../enrollment/lms-enrollments.js';
import { moveAccess, toEnrollmentMove } from '../enrollment-move/enrollment-move.type.js';
import { isRowKey } from '../global-id.js';
import { toLearnerLink } from '../learner-link/learner-link.type.js';
import { maySeeLearner, visibleEnrollments } from '../learner-link/may-see-learner.js';
import { oauthClientAccess, toOAuthClient } from '../oauth-client/oauth-client.type.js';
import { operationAccess, toOperation } from '../operation/operation.type.js';
import { programAccess, programLearningAccess, toOrganization } from '../organization/organization.type.js';
import { toProgram } from '../program/program.type.js';
import { toProgramEnrollment } from '../program-enrollment/program-enrollment.type.js';
import type { Node } from './node.type.js';

/** How `node` finds the objects of one type. */
export interface NodeKind {
  /** Who may see such an object at all; its fields ask again. */
  readonly access: Access;
  /** Whether a key can be one of the type; anything can stand in an id that a client sends. */
  isKey(key: string): boolean;
  find(keys: readonly string[], context: GraphContext): Promise<Map<string, Node>>;
}

const kinds: Record<string, NodeKind> = {
  Account: byRow(accountAccess, ({ services }, ids) => services.accounts.findByIds(ids), toAccount),
  EdxLink: byRow(accountAccess, ({ services }, ids) => services.edxLinks.findByIds(ids), toEdxLink),
  Enrollment: {
    access: learningAccess,
    isKey: (key) => isRowKey(key) || readLmsKey(key) !== undefined,
    async find(keys, context) {
      const stored = await context.services.enrollments.findByIds(keys.filter(isRowKey));
      // The others are learners without an account: nobody's own, so that nobody but staff has the LMS asked for them.
      const lmsKeys = context.viewer.roles.has('STAFF') ? keys.filter((key) => !isRowKey(key)) : [];
      const live = await findLmsEnrollments(lmsKeys, context);
      return new Map([...stored.map((row) => [row.id, toEnrollment(row)] as const), ...live]);
    },
  },
  EnrollmentMove: byRow(moveAccess, ({ services }, ids) => services.enrollmentMoves.findByIds(ids), toEnrollmentMove),
  OAuthClient: byRow(oauthClientAccess, ({ services }, ids) => services.oauthClients.findByIds(ids), toOAuthClient),
  Operation: byRow(operationAccess, ({ services }, ids) => services.operations.findByIds(ids), toOperation),
  Organization: {
    access: programLearningAccess,
    isKey: isRowKey,
    async find(ids, { services, programs }) {
      const rows = await services.programs.findOrganizations(ids);
      const may = await programs.organizationPermissions.loadMany(rows.map(({ id }) => id));
      return new Map(rows.filter((_, at) => isGranted(may[at])).map((row) => [row.id, toOrganization(row)]));
    },
  },
  Program: {
    access: programAccess,
    isKey: isRowKey,
    async find(ids, { services, programs }) {
      const rows = await services.programs.findByIds(ids);
      const may = await programs.permissions.loadMany(rows);
      return new Map(rows.filter((_, at) => isGranted(may[at])).map((row) => [row.id, toProgram(row)]));
    },
  },
  LearnerLink: {
    access: programLearningAccess,
    isKey: isRowKey,
    async find(ids, context) {
      const rows = await context.services.learnerLinks.findByIds(ids);
      const may = await Promise.all(rows.map((row) => maySeeLearner(row, context)));
      return new Map(rows.filter((_, at) => may[at]).map((row) => [row.id, toLearnerLink(row)]));
    },
  },
  ProgramEnrollment: {
    access: programLearningAccess,
    isKey: isRowKey,
    async find(ids, context) {
      const rows = await context.services.programEnrollments.findByIds(ids);
      const visible = await Promise.all(
        rows.map(async (row) => {
          const link = await context.programs.learner.load(row.learnerLinkId);
          return link ? visibleEnrollments([row], link, context) : [];
        }),
      );
      return new Map(visible.flat().map((row) => [row.id, toProgramEnrollment(row)]));
    },
  },
  AuditEvent: byRow(auditEventAccess, ({ services }, ids) => services.audit.findByIds(ids), toAuditEvent),
  Course: {
    access: catalogAccess,
    isKey: (key) => courseKeyOf(`course-v1:${key}+run`) === key,
    async find(keys, { stored }) {
      const runs = await stored.runsOfCourse.loadMany(keys);
      return new Map(
        keys.flatMap((key, at) => {
          const known = runs[at];
          if (known instanceof Error) throw known;
          return known && known.length > 0 ? [[key, toCourse(key)] as const] : [];
        }),
      );
    },
  },
  CourseRun: {
    access: catalogAccess,
    isKey: isCourseKey,
    async find(courseKeys, context) {
      const runs = await Promise.all(courseKeys.map((courseKey) => findCourseRun(courseKey, context)));
      return new Map(runs.flatMap((run) => (run ? [[run.courseKey, run]] : [])));
    },
  },
};

/** Every type that implements Node, by its name; a map, since the names come from clients. */
export const nodeKinds: ReadonlyMap<string, NodeKind> = new Map(Object.entries(kinds));

/** Whether there is anything that the caller may do. */
function isGranted(permissions: ReadonlySet<unknown> | Error | undefined): boolean {
  if (permissions instanceof Error) throw permissions;
  return permissions !== undefined && permissions.size > 0;
}

function byRow<Row extends { id: string }>(
  access: Access,
  find: (context: GraphContext, ids: readonly string[]) => Promise<Row[]>,
  toNode: (row: Row) => Node,
): NodeKind {
  return {
    access,
    isKey: isRowKey,
    find: async (ids, context) => new Map((await find(context, ids)).map((row) => [row.id, toNode(row)])),
  };
}
