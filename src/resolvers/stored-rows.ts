import DataLoader from 'dataloader';
import { courseKeyOf } from '../datasources/course-key.js';
import type { Account } from '../entities/account.entity.js';
import type { ClientProvider } from '../entities/client-provider.entity.js';
import type { CourseGrade } from '../entities/course-grade.entity.js';
import type { CourseRun } from '../entities/course-run.entity.js';
import type { EdxLink, EdxLinkEvent } from '../entities/edx-link.entity.js';
import type { Enrollment, EnrollmentEvent } from '../entities/enrollment.entity.js';
import type { EnrollmentMove } from '../entities/enrollment-move.entity.js';
import type { OAuthClient, OAuthClientSecret } from '../entities/oauth-client.entity.js';
import type { OperationFile } from '../entities/operation-file.entity.js';
import type { PartnerGrant } from '../entities/partner-grant.entity.js';
import type { Retirement, RetirementStep } from '../entities/retirement.entity.js';
import type { KnownCertificates } from '../services/certificate/find-certificates.js';
import type { SeenEnrollments } from '../services/enrollment/record-seen.js';
import type { ClientRefusal, ClientUsage } from '../services/oauth-client/insights.js';
import type { PartnerTargetNames } from '../services/partner-grant/partner-target.js';
import type { SecondFactor } from '../services/second-factor/overview.js';
import type { GraphServices } from './services.js';

/** Rows of our own database by what leads to them: one query for all that a page of any size asks in one go. */
export interface StoredRows {
  account: DataLoader<string, Account | undefined>;
  secondFactorsOf: DataLoader<string, SecondFactor[]>;
  recoveryCodesLeftOf: DataLoader<string, { count: number } | undefined>;
  edxLinkOf: DataLoader<string, EdxLink | undefined>;
  /** By LMS username, in lower case. */
  edxLinkNamed: DataLoader<string, EdxLink | undefined>;
  edxLinkHistory: DataLoader<string, EdxLinkEvent[]>;
  enrollment: DataLoader<string, Enrollment | undefined>;
  enrollmentHistory: DataLoader<string, EnrollmentEvent[]>;
  /** From and to an enrollment. */
  enrollmentMoves: DataLoader<string, EnrollmentMove[]>;
  enrollmentsOf: DataLoader<string, Enrollment[]>;
  /** Stores what the LMS says of an account's enrollments; answers all that is known of them then. */
  seenEnrollments: DataLoader<SeenEnrollments, Enrollment[], string>;
  /** The same for one course run of many learners; answers what is known of that one then. */
  seenInCourse: DataLoader<SeenInCourse, Enrollment | undefined, string>;
  courseRun: DataLoader<string, CourseRun | undefined>;
  runsOfCourse: DataLoader<string, CourseRun[]>;
  /** As last seen in the LMS. */
  gradeOf: DataLoader<InCourse, CourseGrade | undefined, string>;
  /** As last seen in the LMS; undefined when it was never asked. */
  certificatesOf: DataLoader<string, KnownCertificates | undefined>;
  operationFile: DataLoader<string, OperationFile | undefined>;
  client: DataLoader<string, OAuthClient | undefined>;
  clientSecrets: DataLoader<string, OAuthClientSecret[]>;
  clientProviders: DataLoader<string, ClientProvider[]>;
  partnerGrantsOf: DataLoader<string, PartnerGrant[]>;
  /** Of organizations and programs, by row id. */
  partnerTarget: DataLoader<string, PartnerTargetNames | undefined>;
  retirementOf: DataLoader<string, Retirement | undefined>;
  retirementSteps: DataLoader<string, RetirementStep[]>;
  clientUsage: DataLoader<LastOfClient, ClientUsage | undefined, string>;
  clientRefusals: DataLoader<LastOfClient, ClientRefusal[], string>;
}

/** One row of the LMS. */
interface SeenInCourse extends Omit<SeenEnrollments, 'rows'> {
  readonly row: SeenEnrollments['rows'][number];
}

interface InCourse {
  readonly accountId: string;
  readonly courseKey: string;
}

/** A client, and how far to look back. */
interface LastOfClient {
  readonly clientId: string;
  readonly last: number;
}

export function createStoredRows(services: GraphServices): StoredRows {
  const { accounts, secondFactors, edxLinks, enrollments, enrollmentMoves, courseRuns, grades } = services;
  const { oauthClients, retirements } = services;
  return {
    account: oneEach(
      (ids) => accounts.findByIds(ids),
      (row) => row.id,
    ),
    secondFactorsOf: manyEach(
      (ids) => secondFactors.listOf(ids),
      (factor) => factor.accountId,
    ),
    recoveryCodesLeftOf: oneEach(
      (ids) => secondFactors.codesLeftOf(ids),
      (left) => left.accountId,
    ),
    edxLinkOf: oneEach(
      (ids) => edxLinks.findByAccountIds(ids),
      (row) => row.accountId,
    ),
    edxLinkNamed: oneEach(
      (names) => edxLinks.findByEdxUsernames(names),
      (row) => row.edxUsername?.toLowerCase() ?? '',
    ),
    edxLinkHistory: manyEach(
      (ids) => edxLinks.history(ids),
      (row) => row.edxLinkId,
    ),
    enrollment: oneEach(
      (ids) => enrollments.findByIds(ids),
      (row) => row.id,
    ),
    enrollmentMoves: new DataLoader(async (ids) => {
      const moves = await enrollmentMoves.ofEnrollments(ids);
      return ids.map((id) => moves.filter(({ sourceId, targetId }) => sourceId === id || targetId === id));
    }),
    enrollmentHistory: manyEach(
      (ids) => enrollments.history(ids),
      (row) => row.enrollmentId,
    ),
    enrollmentsOf: manyEach(
      (ids) => enrollments.ofAccounts(ids),
      (row) => row.accountId,
      { batchScheduleFn: afterCalls },
    ),
    seenEnrollments: new DataLoader(
      async (seen) => {
        const rows = Map.groupBy(await enrollments.recordSeen(seen), (row) => row.accountId);
        return seen.map(({ accountId }) => rows.get(accountId) ?? []);
      },
      { cacheKeyFn: (seen) => seen.accountId, batchScheduleFn: afterCalls },
    ),
    seenInCourse: new DataLoader(
      async (seen) => {
        const known = await enrollments.recordSeen(seen.map(({ row, ...learner }) => ({ ...learner, rows: [row] })));
        const rows = new Map(known.map((row) => [pairNameOf(row), row]));
        return seen.map(({ accountId, row }) => rows.get(pairNameOf({ accountId, courseKey: row.courseKey })));
      },
      { cacheKeyFn: ({ accountId, row }) => pairNameOf({ accountId, courseKey: row.courseKey }) },
    ),
    courseRun: oneEach(
      (keys) => courseRuns.findByKeys(keys),
      (row) => row.courseKey,
    ),
    runsOfCourse: manyEach(
      (courses) => courseRuns.findByCourses(courses),
      (row) => courseKeyOf(row.courseKey) ?? '',
    ),
    gradeOf: new DataLoader(
      async (keys) => {
        const rows = new Map((await grades.find(keys)).map((row) => [pairNameOf(row), row]));
        return keys.map((key) => rows.get(pairNameOf(key)));
      },
      { cacheKeyFn: pairNameOf },
    ),
    certificatesOf: oneEach(
      (accountIds) => grades.certificatesOf(accountIds),
      (known) => known.accountId,
    ),
    operationFile: oneEach(
      (ids) => services.operationFiles.find(ids),
      (file) => file.operationId,
    ),
    client: oneEach(
      (ids) => oauthClients.findByClientIds(ids),
      (row) => row.clientId,
    ),
    clientSecrets: manyEach(
      (ids) => oauthClients.secretsOf(ids),
      (row) => row.oauthClientId,
    ),
    clientProviders: manyEach(
      (ids) => services.providerGrants.ofClients(ids),
      (row) => row.oauthClientId,
    ),
    partnerGrantsOf: manyEach(
      (ids) => services.partnerGrants.ofAccounts(ids),
      (row) => row.accountId ?? '',
    ),
    partnerTarget: oneEach(
      (ids) => services.partnerGrants.targetKeys(ids),
      (row) => row.id,
    ),
    retirementOf: oneEach(
      (ids) => retirements.findByAccountIds(ids),
      (row) => row.accountId,
    ),
    retirementSteps: manyEach(
      (ids) => retirements.steps(ids),
      (row) => row.retirementId,
    ),
    clientUsage: lastOfEach(
      (clientIds, days) => oauthClients.usageOf(clientIds, days),
      (rows) => rows[0],
    ),
    clientRefusals: lastOfEach(
      (clientIds, last) => oauthClients.refusalsOf(clientIds, last),
      (rows) => rows,
    ),
  };
}

/** After what the LMS is asked in the same turn of the event loop has been sent: its answer takes longer. */
function afterCalls(read: () => void): void {
  setImmediate(() => setImmediate(read));
}

function pairNameOf({ accountId, courseKey }: InCourse): string {
  return `${accountId} ${courseKey}`;
}

function oneEach<Row>(find: (keys: readonly string[]) => Promise<Row[]>, keyOf: (row: Row) => string) {
  return new DataLoader<string, Row | undefined>(async (keys) => {
    const rows = new Map((await find(keys)).map((row) => [keyOf(row), row]));
    return keys.map((key) => rows.get(key));
  });
}

function manyEach<Row>(
  find: (keys: readonly string[]) => Promise<Row[]>,
  keyOf: (row: Row) => string,
  options?: DataLoader.Options<string, Row[]>,
) {
  return new DataLoader<string, Row[]>(async (keys) => {
    const rows = Map.groupBy(await find(keys), keyOf);
    return keys.map((key) => rows.get(key) ?? []);
  }, options);
}

/** Clients of one query look equally far back, as a rule: then one statement answers for all. */
function lastOfEach<Row extends { clientId: string }, Answer>(
  find: (clientIds: readonly string[], last: number) => Promise<Row[]>,
  answer: (rows: Row[]) => Answer,
) {
  return new DataLoader<LastOfClient, Answer, string>(
    async (keys) => {
      const clients = Map.groupBy(keys, ({ last }) => last);
      const found = await Promise.all(
        [...clients].map(async ([last, wanted]) => {
          const rows = await find(
            wanted.map(({ clientId }) => clientId),
            last,
          );
          return [last, Map.groupBy(rows, ({ clientId }) => clientId)] as const;
        }),
      );
      const byLast = new Map(found);
      return keys.map(({ clientId, last }) => answer(byLast.get(last)?.get(clientId) ?? []));
    },
    { cacheKeyFn: ({ clientId, last }) => `${last} ${clientId}` },
  );
}
