import type { Access } from '../../access/policy.js';
import { accountAccess, toAccount } from '../account/account.type.js';
import { auditEventAccess, toAuditEvent } from '../audit-event/audit-event.type.js';
import type { GraphContext } from '../context.js';
import { catalogAccess, toCourseRun } from '../course-run/course-run.type.js';
import { toEdxLink } from '../edx-link/edx-link.type.js';
import { learningAccess, toEnrollment } from '../enrollment/enrollment.type.js';
import { oauthClientAccess, toOAuthClient } from '../oauth-client/oauth-client.type.js';
import type { Node } from './node.type.js';

/** How `node` finds the objects of one type. */
export interface NodeKind {
  /** Who may see such an object at all; its fields ask again. */
  readonly access: Access;
  /** Keys of the type are not row ids. */
  readonly hasFreeKeys?: boolean;
  find(keys: readonly string[], context: GraphContext): Promise<Map<string, Node>>;
}

/** Every type that implements Node, by its name. */
export const nodeKinds: Record<string, NodeKind> = {
  Account: byRow(accountAccess, ({ services }, ids) => services.accounts.findByIds(ids), toAccount),
  EdxLink: byRow(accountAccess, ({ services }, ids) => services.edxLinks.findByIds(ids), toEdxLink),
  Enrollment: byRow(learningAccess, ({ services }, ids) => services.enrollments.findByIds(ids), toEnrollment),
  OAuthClient: byRow(oauthClientAccess, ({ services }, ids) => services.oauthClients.findByIds(ids), toOAuthClient),
  AuditEvent: byRow(auditEventAccess, ({ services }, ids) => services.audit.findByIds(ids), toAuditEvent),
  CourseRun: {
    access: catalogAccess,
    hasFreeKeys: true,
    async find(courseKeys, { services }) {
      const rows = await services.courseRuns.findByKeys(courseKeys);
      return new Map(rows.map((row) => [row.courseKey, toCourseRun(row.courseKey, row)]));
    },
  },
};

function byRow<Row extends { id: string }>(
  access: Access,
  find: (context: GraphContext, ids: readonly string[]) => Promise<Row[]>,
  toNode: (row: Row) => Node,
): NodeKind {
  return {
    access,
    find: async (ids, context) => new Map((await find(context, ids)).map((row) => [row.id, toNode(row)])),
  };
}
