/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** Which account: exactly one of these. */
export type AccountBy =
  {   /** Username in the LMS. */
  edxUsername: string; email?: never; id?: never; remoteId?: never; username?: never; }
  |  { edxUsername?: never;   /** E-mail address, whatever its case. */
  email: string; id?: never; remoteId?: never; username?: never; }
  |  { edxUsername?: never; email?: never;   /** Id of the account. */
  id: string | number; remoteId?: never; username?: never; }
  |  { edxUsername?: never; email?: never; id?: never;   /** The uid that the LMS holds for the account. */
  remoteId: string; username?: never; }
  |  { edxUsername?: never; email?: never; id?: never; remoteId?: never;   /** Username, whatever its case. */
  username: string; };

/** Whether an account can be used. */
export type AccountStatus =
  /** In use. */
  | 'ACTIVE'
  /** Kept from signing in. */
  | 'BLOCKED'
  /** Switched off; can be switched on again. */
  | 'DEACTIVATED'
  /** Ended for good; personal data is gone. */
  | 'RETIRED';

/** Whether calls to an upstream go out. */
export type BreakerState =
  /** All is well: calls go out. */
  | 'CLOSED'
  /** After trouble, single calls try whether it is over. */
  | 'HALF_OPEN'
  /** The upstream is in trouble: calls are not made. */
  | 'OPEN';

/** Whether a client can keep a secret (RFC 6749 2.1). */
export type ClientType =
  /** Runs on a server and keeps its secret. */
  | 'CONFIDENTIAL'
  /** Runs on a device or in a browser; has no secret and must use PKCE. */
  | 'PUBLIC';

/** Which edX links: all that is given must hold. */
export type EdxLinkFilter = {
  /** With so many failed tries, or more. */
  minAttempts?: number | null | undefined;
  /** With one of these codes as the reason of the last failure (`lastError.code`). */
  reasons?: Array<string> | null | undefined;
  /** In any of these states. */
  states?: Array<EdxLinkState> | null | undefined;
  /** Stuck: CONFLICT, REJECTED or MISSING_UPSTREAM, under way for more than an hour, or linked while the LMS refuses what the person changed; false for those that are not. */
  stuck?: boolean | null | undefined;
  /** In their state since this moment, or longer. */
  unchangedSince?: string | null | undefined;
};

/** What can be done about an edX link in CONFLICT or REJECTED. */
export type EdxLinkRemedy =
  /** Take the LMS user with this e-mail address, by resolveEdxConflict: the person is signed in to the LMS once. */
  | 'ADOPT'
  /** Change the e-mail address of the account; the rest follows by itself. */
  | 'CHANGE_EMAIL'
  /** Correct the profile of the account; the rest follows by itself. */
  | 'CORRECT_PROFILE'
  /** Take the LMS user from the other account here that holds them, by resolveEdxConflict; for support. */
  | 'RELEASE_OTHER'
  /** Give up the LMS user that the account had, and get another one, by resolveEdxConflict; for support. */
  | 'START_ANEW'
  /** Try again, by resolveEdxConflict, once what lastError names has been seen to. */
  | 'TRY_AGAIN';

/** How far an account is tied to the LMS. */
export type EdxLinkState =
  /** The LMS has another account in the way; a person must decide. */
  | 'CONFLICT'
  /** The LMS is being asked right now. */
  | 'CREATING'
  /** The LMS account is switched off. */
  | 'DEACTIVATED'
  /** The LMS account exists and signs in through Portico. */
  | 'LINKED'
  /** The LMS account is gone. */
  | 'MISSING_UPSTREAM'
  /** Nobody has asked for an LMS account yet. */
  | 'NOT_LINKED'
  /** An LMS account is wanted; it is made as soon as the LMS answers. */
  | 'PENDING'
  /** The LMS refused for a reason that a person must remove. */
  | 'REJECTED';

/** Who is to be enrolled where. */
export type EnrollInCourseInput = {
  /** Whose enrollment; one’s own without it. Another’s needs STAFF. */
  accountId?: string | number | null | undefined;
  /** Course run. */
  courseKey: string;
  /** Enroll although enrolling is closed; needs STAFF. */
  force?: boolean | null | undefined;
  /** Names this request: a repeat with the same key answers the same enrollment and does nothing new. */
  idempotencyKey?: string | null | undefined;
  /** Mode; the LMS’s default without it. Other than `audit` and `honor` needs STAFF. */
  mode?: string | null | undefined;
};

/** Which enrollments: all that is given must hold. */
export type EnrollmentFilter = {
  /** In any of these course runs. */
  courseKeys?: Array<string> | null | undefined;
  /** With so many failed tries, or more. */
  minAttempts?: number | null | undefined;
  /** With one of these codes as the reason of the last failure (`lastError.code`). */
  reasons?: Array<string> | null | undefined;
  /** In any of these states. */
  states?: Array<EnrollmentState> | null | undefined;
  /** Stuck: what was wanted failed (a deferral, transfer or refund, and what the LMS is to know of course mails, included), or did not reach the LMS for more than an hour; false for those that are not. */
  stuck?: boolean | null | undefined;
  /** In their state since this moment, or longer. */
  unchangedSince?: string | null | undefined;
  /** Asked for, and not (yet) an active enrollment that the LMS has confirmed; false for all others. */
  unfulfilled?: boolean | null | undefined;
};

/** Why an enrollment ends. */
export type EnrollmentMoveKind =
  /** For a later run of the course. */
  | 'DEFER'
  /** Since it was paid back. */
  | 'REFUND'
  /** For another learner. */
  | 'TRANSFER';

/** How far it is. */
export type EnrollmentMoveState =
  /** Every step was taken. */
  | 'DONE'
  /** It ended without; the learner keeps what they had, unless a step says otherwise. */
  | 'FAILED'
  /** Under way; it goes on by itself when the LMS answers. */
  | 'RUNNING';

/** What is done, in this order. */
export type EnrollmentMoveStepName =
  /** The enrollment is ended in the LMS. */
  | 'END_SOURCE'
  /** The enrollment that takes the place is made, and verified with its mode. */
  | 'ENROLL_TARGET'
  /** The other enrollment is made what it was, since a step failed. */
  | 'UNDO_TARGET';

/** What became of a step. */
export type EnrollmentMoveStepOutcome =
  /** Done, as the LMS says. */
  | 'DONE'
  /** Refused for good; the reason says why. */
  | 'FAILED'
  /** There was nothing to do. */
  | 'NOT_NEEDED';

/** Where an enrollment stands. */
export type EnrollmentState =
  /** The learner takes part. */
  | 'ACTIVE'
  /** Moved to a later run. */
  | 'DEFERRED'
  /** The learner was unenrolled. */
  | 'INACTIVE'
  /** Asked for here; the LMS has not confirmed it yet. */
  | 'PENDING'
  /** Ended and paid back. */
  | 'REFUNDED'
  /** The LMS refused; `lastError` says why. */
  | 'REJECTED'
  /** Given over to another learner. */
  | 'TRANSFERRED';

/** How a client obtains tokens. */
export type GrantType =
  /** A person signs in and is sent back with a code (RFC 6749 4.1). */
  | 'AUTHORIZATION_CODE'
  /** The client acts as itself, or as its owner (RFC 6749 4.4). */
  | 'CLIENT_CREDENTIALS'
  /** A person confirms on another device (RFC 8628). */
  | 'DEVICE_CODE'
  /** A token is renewed without the person (RFC 6749 6). */
  | 'REFRESH_TOKEN'
  /** A back end trades the access token of a person for one of its own, never for more (RFC 8693). */
  | 'TOKEN_EXCHANGE';

/** Where Portico and the LMS disagree about an account. */
export type LinkDrift =
  /** The LMS has another e-mail address. */
  | 'EMAIL_DIFFERS'
  /** The LMS account is not active. */
  | 'INACTIVE'
  /** The LMS has another name. */
  | 'NAME_DIFFERS'
  /** The LMS has another country or year of birth. */
  | 'PROFILE_DIFFERS'
  /** The LMS no longer ties its user to this account, or has no such user. */
  | 'UNLINKED'
  /** The LMS knows the person under another username. */
  | 'USERNAME_DIFFERS';

/** Which operations: all that is given must hold. */
export type OperationFilter = {
  /** Of any of these kinds. */
  kinds?: Array<OperationKind> | null | undefined;
  /** With one of these codes as what keeps them or made them fail (`failure.code`). */
  reasons?: Array<string> | null | undefined;
  /** Asked for then or later. */
  since?: string | null | undefined;
  /** Account that began it. */
  startedById?: string | number | null | undefined;
  /** In any of these states. */
  states?: Array<OperationState> | null | undefined;
  /** Stuck: not over, and waiting for an upstream, or without a step for more than an hour; false for those that are not. */
  stuck?: boolean | null | undefined;
  /** Not a step further since this moment, or longer. */
  unchangedSince?: string | null | undefined;
};

/** What an operation does. */
export type OperationKind =
  /** Enrolls or unenrolls many people: one row for each. */
  | 'BULK_ENROLL'
  /** Compares every link with the LMS; rows are those that differ, with how. */
  | 'CHECK_EDX_LINKS'
  /** Writes the learners of course runs of a program to a file, see `download`. */
  | 'EXPORT_COURSE_ENROLLMENTS'
  /** Writes grades to a file, see `download`. */
  | 'EXPORT_GRADES'
  /** Writes the learners of a program to a file, see `download`. */
  | 'EXPORT_PROGRAM_ENROLLMENTS'
  /** Writes the grades of a program's learners in a course run to a file, see `download`. */
  | 'EXPORT_PROGRAM_GRADES'
  /** Compares enrollments with the LMS: one row for each that differs, whose reason says how. */
  | 'RECONCILE'
  /** Gives learners the LMS user and the API token that they lack. */
  | 'REPAIR_EDX_LINKS'
  /** Has enrollments that failed, or wait, tried at once. */
  | 'RETRY_ENROLLMENTS'
  /** Takes course runs of the LMS over: titles, dates, modes. */
  | 'SYNC_COURSE_RUNS'
  /** Pulls grades and certificates of the LMS. */
  | 'SYNC_GRADES'
  /** Takes programs of Discovery over, and their learners from the LMS: one row for each program. */
  | 'SYNC_PROGRAMS'
  /** Writes the enrollments in course runs of a program that a file asks for. */
  | 'UPLOAD_COURSE_ENROLLMENTS'
  /** Writes the enrollments in a program that a file asks for: one row for each of its rows. */
  | 'UPLOAD_PROGRAM_ENROLLMENTS'
  /** Writes a few enrollments in course runs of a program. */
  | 'WRITE_COURSE_ENROLLMENTS'
  /** Writes a few enrollments in a program. */
  | 'WRITE_PROGRAM_ENROLLMENTS';

/** How far an operation is. */
export type OperationState =
  /** Stopped by somebody; rows that were left are CANCELLED. */
  | 'CANCELED'
  /** No row succeeded, or it failed as a whole: `failure` says why. */
  | 'FAILED'
  /** Done, some rows failed: `retryOperation` does those again. */
  | 'PARTIAL'
  /** Waits for a worker, or for one before it that must not run at the same time. */
  | 'QUEUED'
  /** Under way; where it waits for an upstream, `failure` and `nextAttemptAt` say so. */
  | 'RUNNING'
  /** Done, every row well. */
  | 'SUCCEEDED';

/** Whose edX link is to be repaired. */
export type RepairEdxLinkInput = {
  /** Account whose link is to be repaired. */
  accountId: string | number;
  /** Names this request: a repeat with the same key does nothing new. */
  idempotencyKey?: string | null | undefined;
};

/** What a person may do beyond their own affairs. */
export type Role =
  /** Includes SUPPORT; manages clients and settings. */
  | 'ADMIN'
  /** Everyone: one’s own affairs. */
  | 'LEARNER'
  /** Acts for partner schools within what was granted. */
  | 'PARTNER'
  /** Sees accounts and learning state of others. */
  | 'STAFF'
  /** Includes STAFF; repairs accounts and reads the audit trail. */
  | 'SUPPORT';

export type DashboardQueryVariables = Exact<{ [key: string]: never; }>;


export type DashboardQuery = { viewer: { username: string, email: string, edx: { state: EdxLinkState, edxUsername: string | null, drift: Array<LinkDrift> | null }, enrollments: { nodes: Array<{ state: EnrollmentState, mode: string | null, courseRun: { courseKey: string, title: string | null, start: string | null, end: string | null }, grade: { percent: number | null, letterGrade: string | null, passed: boolean | null, freshness: { asOf: string, stale: boolean } | null } | null, certificate: { status: string, downloadUrl: string | null } | null }> } | null } | null };

export type FindAccountQueryVariables = Exact<{
  by: AccountBy;
}>;


export type FindAccountQuery = { account: { id: string, username: string, email: string, status: AccountStatus, roles: Array<Role>, lastSignedInAt: string | null, edx: { state: EdxLinkState, remedy: EdxLinkRemedy | null, stateSince: string, edxUsername: string | null, attempts: number, nextAttemptAt: string | null, drift: Array<LinkDrift> | null, lastError: { code: string, message: string, retryable: boolean, at: string } | null, apiToken: { hasToken: boolean, expiresAt: string | null, lastError: { code: string, message: string } | null }, mapping: { username: string, remoteId: string } | null, history: Array<{ at: string, from: EdxLinkState | null, to: EdxLinkState, cause: string, actor: { username: string } | null }> }, enrollments: { nodes: Array<{ state: EnrollmentState, stateSince: string | null, mode: string | null, requestedMode: string | null, confirmedByLms: boolean, attempts: number, nextAttemptAt: string | null, courseRun: { courseKey: string }, lastError: { code: string, message: string } | null, emailsError: { code: string, message: string } | null, moves: Array<{ kind: EnrollmentMoveKind, state: EnrollmentMoveState, steps: Array<{ name: EnrollmentMoveStepName, outcome: EnrollmentMoveStepOutcome, reason: string | null }> }> }> } | null } | null };

export type StuckLinksQueryVariables = Exact<{
  filter: EdxLinkFilter;
  after?: string | null | undefined;
}>;


export type StuckLinksQuery = { edxLinks: { totalCount: number | null, pageInfo: { hasNextPage: boolean, endCursor: string | null }, nodes: Array<{ state: EdxLinkState, remedy: EdxLinkRemedy | null, stateSince: string, attempts: number, nextAttemptAt: string | null, account: { id: string, username: string, email: string }, lastError: { code: string, message: string } | null }> } };

export type RepairEdxLinkMutationVariables = Exact<{
  input: RepairEdxLinkInput;
}>;


export type RepairEdxLinkMutation = { repairEdxLink: { edxLink: { state: EdxLinkState, stateSince: string, nextAttemptAt: string | null } | null, userErrors: Array<{ code: string, field: Array<string> | null, message: string }> } };

export type StuckEnrollmentsQueryVariables = Exact<{
  filter: EnrollmentFilter;
  after?: string | null | undefined;
}>;


export type StuckEnrollmentsQuery = { enrollments: { totalCount: number | null, pageInfo: { hasNextPage: boolean, endCursor: string | null }, nodes: Array<{ id: string, state: EnrollmentState, stateSince: string | null, requestedMode: string | null, attempts: number, nextAttemptAt: string | null, account: { id: string, username: string } | null, courseRun: { courseKey: string }, lastError: { code: string, message: string } | null, emailsError: { code: string, message: string } | null, moves: Array<{ kind: EnrollmentMoveKind, state: EnrollmentMoveState, steps: Array<{ name: EnrollmentMoveStepName, outcome: EnrollmentMoveStepOutcome, reason: string | null }> }> }> } };

export type EnrollInCourseMutationVariables = Exact<{
  input: EnrollInCourseInput;
}>;


export type EnrollInCourseMutation = { enrollInCourse: { enrollment: { id: string, state: EnrollmentState, requestedMode: string | null, courseRun: { title: string | null } } | null, userErrors: Array<{ code: string, field: Array<string> | null, message: string }> } };

export type EnrollmentChangedSubscriptionVariables = Exact<{
  accountId?: string | number | null | undefined;
}>;


export type EnrollmentChangedSubscription = { enrollmentChanged: { enrollment: { id: string, state: EnrollmentState, mode: string | null, courseRun: { courseKey: string }, lastError: { message: string } | null }, event: { at: string, cause: string } | null } };

export type BackgroundWorkQueryVariables = Exact<{
  filter?: OperationFilter | null | undefined;
}>;


export type BackgroundWorkQuery = { operations: { nodes: Array<{ id: string, kind: OperationKind, state: OperationState, done: number, failed: number, total: number | null, startedAt: string, finishedAt: string | null, startedBy: { username: string } | null, failure: { code: string, message: string, at: string } | null }> } };

export type OperationsQueryVariables = Exact<{ [key: string]: never; }>;


export type OperationsQuery = { upstreams: Array<{ name: string, baseUrl: string, breaker: BreakerState, breakerReason: string | null, recentCalls: number, errorRate: number | null, tokenExpiresAt: string | null, breakers: Array<{ family: string, state: BreakerState, since: string | null, nextProbeAt: string | null, openedBy: { operation: string, code: string, status: number | null, at: string } | null, lastFailure: { operation: string, code: string, at: string } | null }>, limiter: { used: number, waiting: number, budgets: Array<{ name: string, limit: number, pausedForSeconds: number }> }, latency: { p50Ms: number, p95Ms: number } | null }>, oauthClients: { nodes: Array<{ clientId: string, name: string, type: ClientType, grantTypes: Array<GrantType>, scopes: Array<string>, secrets: Array<{ hint: string, createdAt: string, lastUsedAt: string | null }> }> } };

export type LearnersOfRunOfTestQueryVariables = Exact<{
  courseKey: string;
  first?: number | null | undefined;
  after?: string | null | undefined;
  filter?: EnrollmentFilter | null | undefined;
}>;


export type LearnersOfRunOfTestQuery = { courseRun: { title: string | null, enrollments: { totalCount: number | null, freshness: { stale: boolean } | null, pageInfo: { hasNextPage: boolean, endCursor: string | null }, edges: Array<{ cursor: string, node: { id: string, lmsUsername: string, mode: string | null, state: EnrollmentState, stateSince: string | null, account: { username: string } | null, history: Array<{ cause: string }> } }> } | null } | null };

export type DashboardOfTestQueryVariables = Exact<{ [key: string]: never; }>;


export type DashboardOfTestQuery = { viewer: { username: string, email: string, edx: { state: EdxLinkState, edxUsername: string | null, drift: Array<LinkDrift> | null }, enrollments: { freshness: { stale: boolean, source: string } | null, nodes: Array<{ id: string, state: EnrollmentState, mode: string | null, confirmedByLms: boolean, courseRun: { courseKey: string, title: string | null, start: string | null, end: string | null }, grade: { percent: number | null, letterGrade: string | null, passed: boolean | null, freshness: { asOf: string, stale: boolean } | null } | null, certificate: { status: string, downloadUrl: string | null } | null }> } | null } | null };

export type TitlesOfTestQueryVariables = Exact<{
  withGrades: boolean;
}>;


export type TitlesOfTestQuery = { viewer: { enrollments: { nodes: Array<{ courseRun: { name: string | null } } & { grade?: { percent: number | null } | null }> } | null } | null };

export type GradedFragment = { grade: { percent: number | null } | null };

export type ManyAccountsOfTestQueryVariables = Exact<{ [key: string]: never; }>;


export type ManyAccountsOfTestQuery = { accounts: { nodes: Array<{ username: string, edx: { lmsUser: { email: string | null } | null, mapping: { remoteId: string } | null }, enrollments: { nodes: Array<{ lmsUsername: string, courseRun: { courseKey: string, title: string | null }, grade: { percent: number | null } | null }> } | null }> } };

export type FirstPageOfTestQueryVariables = Exact<{ [key: string]: never; }>;


export type FirstPageOfTestQuery = { viewer: { username: string, name: string, edx: { state: EdxLinkState, edxUsername: string | null }, enrollments: { freshness: { stale: boolean } | null, nodes: Array<{ courseRun: { courseKey: string } }> } | null } | null };

export type RenameOfTestMutationVariables = Exact<{
  name: string;
}>;


export type RenameOfTestMutation = { updateProfile: { account: { name: string, edx: { edxUsername: string | null } } | null, userErrors: Array<{ message: string }> } };

export type WholeDashboardOfTestQueryVariables = Exact<{ [key: string]: never; }>;


export type WholeDashboardOfTestQuery = { viewer: { enrollments: { nodes: Array<{ resumeUrl: string | null, upgradeDeadline: string | null, courseRun: { courseKey: string, title: string | null, start: string | null, end: string | null, course: { key: string } | null }, progress: { completeCount: number | null, incompleteCount: number | null, lockedCount: number | null, completion: number | null, hasScheduledContent: boolean | null, freshness: { stale: boolean } | null } | null, grade: { percent: number | null, passed: boolean | null, subsections: Array<{ name: string | null, label: string | null, assignmentType: string, percent: number, earned: number | null, possible: number | null, attempted: boolean | null }> | null } | null, certificate: { status: string, mode: string | null, type: string | null, downloadUrl: string | null, verifyUrl: string | null } | null }> } | null } | null };

export type GradesOfRunOfTestQueryVariables = Exact<{
  courseKey: string;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type GradesOfRunOfTestQuery = { courseRun: { grades: { freshness: { stale: boolean } | null, pageInfo: { hasNextPage: boolean, endCursor: string | null }, nodes: Array<{ lmsUsername: string, percent: number | null, account: { username: string } | null }> } | null } | null };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}
export const GradedFragmentDoc = new TypedDocumentString(`
    fragment Graded on Enrollment {
  grade {
    percent
  }
}
    `, {"fragmentName":"Graded"}) as unknown as TypedDocumentString<GradedFragment, unknown>;
export const DashboardDocument = new TypedDocumentString(`
    query Dashboard {
  viewer {
    username
    email
    edx {
      state
      edxUsername
      drift
    }
    enrollments(first: 50) {
      nodes {
        state
        mode
        courseRun {
          courseKey
          title
          start
          end
        }
        grade {
          percent
          letterGrade
          passed
          freshness {
            asOf
            stale
          }
        }
        certificate {
          status
          downloadUrl
        }
      }
    }
  }
}
    `, {"hash":"sha256:f64c0fd0c6391c5c7ba6be223f871ab856858fa88fddb2d241cc976679a486dc"}) as unknown as TypedDocumentString<DashboardQuery, DashboardQueryVariables>;
export const FindAccountDocument = new TypedDocumentString(`
    query FindAccount($by: AccountBy!) {
  account(by: $by) {
    id
    username
    email
    status
    roles
    lastSignedInAt
    edx {
      state
      remedy
      stateSince
      edxUsername
      attempts
      nextAttemptAt
      lastError {
        code
        message
        retryable
        at
      }
      apiToken {
        hasToken
        expiresAt
        lastError {
          code
          message
        }
      }
      mapping {
        username
        remoteId
      }
      drift
      history {
        at
        from
        to
        cause
        actor {
          username
        }
      }
    }
    enrollments {
      nodes {
        state
        stateSince
        mode
        requestedMode
        confirmedByLms
        attempts
        nextAttemptAt
        courseRun {
          courseKey
        }
        lastError {
          code
          message
        }
        emailsError {
          code
          message
        }
        moves {
          kind
          state
          steps {
            name
            outcome
            reason
          }
        }
      }
    }
  }
}
    `, {"hash":"sha256:109095f1bf765f5ce15a423b563f047fd6fcae920881692f972f0a25e78136d0"}) as unknown as TypedDocumentString<FindAccountQuery, FindAccountQueryVariables>;
export const StuckLinksDocument = new TypedDocumentString(`
    query StuckLinks($filter: EdxLinkFilter!, $after: String) {
  edxLinks(first: 20, after: $after, filter: $filter) {
    totalCount
    pageInfo {
      hasNextPage
      endCursor
    }
    nodes {
      account {
        id
        username
        email
      }
      state
      remedy
      stateSince
      attempts
      nextAttemptAt
      lastError {
        code
        message
      }
    }
  }
}
    `, {"hash":"sha256:56f820bcaaade4601fdfee6e27c6a804d6792a2a7d42e1838f60c8fbbc0f23e3"}) as unknown as TypedDocumentString<StuckLinksQuery, StuckLinksQueryVariables>;
export const RepairEdxLinkDocument = new TypedDocumentString(`
    mutation RepairEdxLink($input: RepairEdxLinkInput!) {
  repairEdxLink(input: $input) {
    edxLink {
      state
      stateSince
      nextAttemptAt
    }
    userErrors {
      code
      field
      message
    }
  }
}
    `, {"hash":"sha256:7a3ed57b7ca50d088994c2d5228964ccb7bafa1ff019bcea45f5e91600e1fac0"}) as unknown as TypedDocumentString<RepairEdxLinkMutation, RepairEdxLinkMutationVariables>;
export const StuckEnrollmentsDocument = new TypedDocumentString(`
    query StuckEnrollments($filter: EnrollmentFilter!, $after: String) {
  enrollments(first: 20, after: $after, filter: $filter) {
    totalCount
    pageInfo {
      hasNextPage
      endCursor
    }
    nodes {
      id
      account {
        id
        username
      }
      courseRun {
        courseKey
      }
      state
      stateSince
      requestedMode
      attempts
      nextAttemptAt
      lastError {
        code
        message
      }
      emailsError {
        code
        message
      }
      moves {
        kind
        state
        steps {
          name
          outcome
          reason
        }
      }
    }
  }
}
    `, {"hash":"sha256:0cd0661f9b415bfe068bbc23014f112b207eec1ffdc3d36243fb4e0003694ea1"}) as unknown as TypedDocumentString<StuckEnrollmentsQuery, StuckEnrollmentsQueryVariables>;
export const EnrollInCourseDocument = new TypedDocumentString(`
    mutation EnrollInCourse($input: EnrollInCourseInput!) {
  enrollInCourse(input: $input) {
    enrollment {
      id
      state
      requestedMode
      courseRun {
        title
      }
    }
    userErrors {
      code
      field
      message
    }
  }
}
    `, {"hash":"sha256:dc6dd7c33902566bae6e017cc33ee0a4f4d5f7472e4b8b614a23df1dc453c890"}) as unknown as TypedDocumentString<EnrollInCourseMutation, EnrollInCourseMutationVariables>;
export const EnrollmentChangedDocument = new TypedDocumentString(`
    subscription EnrollmentChanged($accountId: ID) {
  enrollmentChanged(accountId: $accountId) {
    enrollment {
      id
      state
      mode
      courseRun {
        courseKey
      }
      lastError {
        message
      }
    }
    event {
      at
      cause
    }
  }
}
    `, {"hash":"sha256:b03336703002d89cdfc530a166158da438c65952f917cedd17327ce01922192f"}) as unknown as TypedDocumentString<EnrollmentChangedSubscription, EnrollmentChangedSubscriptionVariables>;
export const BackgroundWorkDocument = new TypedDocumentString(`
    query BackgroundWork($filter: OperationFilter) {
  operations(first: 20, filter: $filter) {
    nodes {
      id
      kind
      state
      done
      failed
      total
      startedBy {
        username
      }
      startedAt
      finishedAt
      failure {
        code
        message
        at
      }
    }
  }
}
    `, {"hash":"sha256:2a51df538d3616264430275ffa50ba856afc9c72a8b68ab19d3b50fe7e16b5b9"}) as unknown as TypedDocumentString<BackgroundWorkQuery, BackgroundWorkQueryVariables>;
export const OperationsDocument = new TypedDocumentString(`
    query Operations {
  upstreams {
    name
    baseUrl
    breaker
    breakerReason
    breakers {
      family
      state
      since
      openedBy {
        operation
        code
        status
        at
      }
      lastFailure {
        operation
        code
        at
      }
      nextProbeAt
    }
    limiter {
      used
      waiting
      budgets {
        name
        limit
        pausedForSeconds
      }
    }
    recentCalls
    errorRate
    latency {
      p50Ms
      p95Ms
    }
    tokenExpiresAt
  }
  oauthClients {
    nodes {
      clientId
      name
      type
      grantTypes
      scopes
      secrets {
        hint
        createdAt
        lastUsedAt
      }
    }
  }
}
    `, {"hash":"sha256:4427a7bba90ae50e9f35fccc4b8408c8a3ed82f7f686ddafa79c6c2a7cd91646"}) as unknown as TypedDocumentString<OperationsQuery, OperationsQueryVariables>;
export const LearnersOfRunOfTestDocument = new TypedDocumentString(`
    query LearnersOfRunOfTest($courseKey: CourseKey!, $first: Int, $after: String, $filter: EnrollmentFilter) {
  courseRun(courseKey: $courseKey) {
    title
    enrollments(first: $first, after: $after, filter: $filter) {
      freshness {
        stale
      }
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      edges {
        cursor
        node {
          id
          lmsUsername
          mode
          state
          stateSince
          account {
            username
          }
          history {
            cause
          }
        }
      }
    }
  }
}
    `, {"hash":"sha256:a4c2bdcf4604ee4c45b1889d30c9aceaf8281b6bd2155d1ce9137c2bb824edb9"}) as unknown as TypedDocumentString<LearnersOfRunOfTestQuery, LearnersOfRunOfTestQueryVariables>;
export const DashboardOfTestDocument = new TypedDocumentString(`
    query DashboardOfTest {
  viewer {
    username
    email
    edx {
      state
      edxUsername
      drift
    }
    enrollments(first: 50) {
      freshness {
        stale
        source
      }
      nodes {
        id
        state
        mode
        confirmedByLms
        courseRun {
          courseKey
          title
          start
          end
        }
        grade {
          percent
          letterGrade
          passed
          freshness {
            asOf
            stale
          }
        }
        certificate {
          status
          downloadUrl
        }
      }
    }
  }
}
    `, {"hash":"sha256:9e48c6ddec93cc75206b20272201fe1367c80eae1985c33d48a84ba0d4af9d14"}) as unknown as TypedDocumentString<DashboardOfTestQuery, DashboardOfTestQueryVariables>;
export const TitlesOfTestDocument = new TypedDocumentString(`
    query TitlesOfTest($withGrades: Boolean!) {
  viewer {
    enrollments {
      nodes {
        courseRun {
          name: title
        }
        ...Graded @include(if: $withGrades)
      }
    }
  }
}
    fragment Graded on Enrollment {
  grade {
    percent
  }
}`, {"hash":"sha256:74711f7355398ab23e9bc431c4972092755f11a39fc8796ed3b9d2addfe0bbcd"}) as unknown as TypedDocumentString<TitlesOfTestQuery, TitlesOfTestQueryVariables>;
export const ManyAccountsOfTestDocument = new TypedDocumentString(`
    query ManyAccountsOfTest {
  accounts(first: 100, filter: {text: "learner0"}) {
    nodes {
      username
      edx {
        lmsUser {
          email
        }
        mapping {
          remoteId
        }
      }
      enrollments(first: 5) {
        nodes {
          lmsUsername
          courseRun {
            courseKey
            title
          }
          grade {
            percent
          }
        }
      }
    }
  }
}
    `, {"hash":"sha256:b366926213863961c4caef6973b6adb684fb4a543231b3a3f3f48f03a5d4a0dc"}) as unknown as TypedDocumentString<ManyAccountsOfTestQuery, ManyAccountsOfTestQueryVariables>;
export const FirstPageOfTestDocument = new TypedDocumentString(`
    query FirstPageOfTest {
  viewer {
    username
    name
    edx {
      state
      edxUsername
    }
    enrollments {
      freshness {
        stale
      }
      nodes {
        courseRun {
          courseKey
        }
      }
    }
  }
}
    `, {"hash":"sha256:5b8b392d7610fdbc1e6350447938a02b0b36213aee0e57dd15127515793a427f"}) as unknown as TypedDocumentString<FirstPageOfTestQuery, FirstPageOfTestQueryVariables>;
export const RenameOfTestDocument = new TypedDocumentString(`
    mutation RenameOfTest($name: String!) {
  updateProfile(input: {name: $name}) {
    account {
      name
      edx {
        edxUsername
      }
    }
    userErrors {
      message
    }
  }
}
    `, {"hash":"sha256:53ad4d5241b3a3a689b9b9b59968f12e8cd8d43245ac9c35c2dd2c5653de5fed"}) as unknown as TypedDocumentString<RenameOfTestMutation, RenameOfTestMutationVariables>;
export const WholeDashboardOfTestDocument = new TypedDocumentString(`
    query WholeDashboardOfTest {
  viewer {
    enrollments(first: 50) {
      nodes {
        courseRun {
          courseKey
          title
          start
          end
          course {
            key
          }
        }
        resumeUrl
        upgradeDeadline
        progress {
          completeCount
          incompleteCount
          lockedCount
          completion
          hasScheduledContent
          freshness {
            stale
          }
        }
        grade {
          percent
          passed
          subsections {
            name
            label
            assignmentType
            percent
            earned
            possible
            attempted
          }
        }
        certificate {
          status
          mode
          type
          downloadUrl
          verifyUrl
        }
      }
    }
  }
}
    `, {"hash":"sha256:6a7ed92c0c011b53618e483af4aa94aeaa1187020231b973c71f07f4408210e3"}) as unknown as TypedDocumentString<WholeDashboardOfTestQuery, WholeDashboardOfTestQueryVariables>;
export const GradesOfRunOfTestDocument = new TypedDocumentString(`
    query GradesOfRunOfTest($courseKey: CourseKey!, $first: Int, $after: String) {
  courseRun(courseKey: $courseKey) {
    grades(first: $first, after: $after) {
      freshness {
        stale
      }
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        lmsUsername
        percent
        account {
          username
        }
      }
    }
  }
}
    `, {"hash":"sha256:0013e8b18713fbf7014e5da93bb14ebac111ffaa34a18675b6567a98050eca73"}) as unknown as TypedDocumentString<GradesOfRunOfTestQuery, GradesOfRunOfTestQueryVariables>;