/* eslint-disable */
import * as types from './graphql.js';



/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "query Dashboard {\n  viewer {\n    username\n    email\n    edx {\n      state\n      edxUsername\n      drift\n    }\n    enrollments(first: 50) {\n      nodes {\n        state\n        mode\n        courseRun {\n          courseKey\n          title\n          start\n          end\n        }\n        grade {\n          percent\n          letterGrade\n          passed\n          freshness {\n            asOf\n            stale\n          }\n        }\n        certificate {\n          status\n          downloadUrl\n        }\n      }\n    }\n  }\n}": typeof types.DashboardDocument,
    "query FindAccount($by: AccountBy!) {\n  account(by: $by) {\n    id\n    username\n    email\n    status\n    roles\n    lastSignedInAt\n    edx {\n      state\n      stateSince\n      edxUsername\n      attempts\n      nextAttemptAt\n      lastError {\n        code\n        message\n        retryable\n        at\n      }\n      apiToken {\n        hasToken\n        expiresAt\n        lastError {\n          code\n          message\n        }\n      }\n      mapping {\n        username\n        remoteId\n      }\n      drift\n      history {\n        at\n        from\n        to\n        cause\n        actor {\n          username\n        }\n      }\n    }\n    enrollments {\n      nodes {\n        state\n        stateSince\n        mode\n        requestedMode\n        confirmedByLms\n        attempts\n        nextAttemptAt\n        courseRun {\n          courseKey\n        }\n        lastError {\n          code\n          message\n        }\n      }\n    }\n  }\n}": typeof types.FindAccountDocument,
    "query StuckLinks($filter: EdxLinkFilter!, $after: String) {\n  edxLinks(first: 20, after: $after, filter: $filter) {\n    totalCount\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n    nodes {\n      account {\n        id\n        username\n        email\n      }\n      state\n      stateSince\n      attempts\n      nextAttemptAt\n      lastError {\n        code\n        message\n      }\n    }\n  }\n}": typeof types.StuckLinksDocument,
    "mutation RepairEdxLink($input: RepairEdxLinkInput!) {\n  repairEdxLink(input: $input) {\n    edxLink {\n      state\n      stateSince\n      nextAttemptAt\n    }\n    userErrors {\n      code\n      field\n      message\n    }\n  }\n}": typeof types.RepairEdxLinkDocument,
    "query StuckEnrollments($filter: EnrollmentFilter!, $after: String) {\n  enrollments(first: 20, after: $after, filter: $filter) {\n    totalCount\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n    nodes {\n      id\n      account {\n        id\n        username\n      }\n      courseRun {\n        courseKey\n      }\n      state\n      stateSince\n      requestedMode\n      attempts\n      nextAttemptAt\n      lastError {\n        code\n        message\n      }\n    }\n  }\n}": typeof types.StuckEnrollmentsDocument,
    "mutation EnrollInCourse($input: EnrollInCourseInput!) {\n  enrollInCourse(input: $input) {\n    enrollment {\n      id\n      state\n      requestedMode\n      courseRun {\n        title\n      }\n    }\n    userErrors {\n      code\n      field\n      message\n    }\n  }\n}": typeof types.EnrollInCourseDocument,
    "subscription EnrollmentChanged($accountId: ID) {\n  enrollmentChanged(accountId: $accountId) {\n    enrollment {\n      id\n      state\n      mode\n      courseRun {\n        courseKey\n      }\n      lastError {\n        message\n      }\n    }\n    event {\n      at\n      cause\n    }\n  }\n}": typeof types.EnrollmentChangedDocument,
    "query BackgroundWork($filter: OperationFilter) {\n  operations(first: 20, filter: $filter) {\n    nodes {\n      id\n      kind\n      state\n      done\n      failed\n      total\n      startedBy {\n        username\n      }\n      startedAt\n      finishedAt\n      failure {\n        code\n        message\n        at\n      }\n    }\n  }\n}": typeof types.BackgroundWorkDocument,
    "query Operations {\n  upstreams {\n    name\n    baseUrl\n    breaker\n    breakerReason\n    recentCalls\n    errorRate\n    latency {\n      p50Ms\n      p95Ms\n    }\n    tokenExpiresAt\n  }\n  oauthClients {\n    nodes {\n      clientId\n      name\n      type\n      grantTypes\n      scopes\n      secrets {\n        hint\n        createdAt\n        lastUsedAt\n      }\n    }\n  }\n}": typeof types.OperationsDocument,
    "\n  query DashboardOfTest {\n    viewer {\n      username\n      email\n      edx { state edxUsername drift }\n      enrollments(first: 50) {\n        freshness { stale source }\n        nodes {\n          id state mode confirmedByLms\n          courseRun { courseKey title start end }\n          grade { percent letterGrade passed freshness { asOf stale } }\n          certificate { status downloadUrl }\n        }\n      }\n    }\n  }\n": typeof types.DashboardOfTestDocument,
    "\n  query TitlesOfTest($withGrades: Boolean!) {\n    viewer {\n      enrollments {\n        nodes {\n          courseRun { name: title }\n          ...Graded @include(if: $withGrades)\n        }\n      }\n    }\n  }\n  fragment Graded on Enrollment { grade { percent } }\n": typeof types.TitlesOfTestDocument,
    "\n  query ManyAccountsOfTest {\n    accounts(first: 100, filter: { text: \"learner0\" }) {\n      nodes {\n        username\n        edx { lmsUser { email } mapping { remoteId } }\n        enrollments(first: 5) { nodes { lmsUsername courseRun { courseKey title } grade { percent } } }\n      }\n    }\n  }\n": typeof types.ManyAccountsOfTestDocument,
};
const documents: Documents = {
    "query Dashboard {\n  viewer {\n    username\n    email\n    edx {\n      state\n      edxUsername\n      drift\n    }\n    enrollments(first: 50) {\n      nodes {\n        state\n        mode\n        courseRun {\n          courseKey\n          title\n          start\n          end\n        }\n        grade {\n          percent\n          letterGrade\n          passed\n          freshness {\n            asOf\n            stale\n          }\n        }\n        certificate {\n          status\n          downloadUrl\n        }\n      }\n    }\n  }\n}": types.DashboardDocument,
    "query FindAccount($by: AccountBy!) {\n  account(by: $by) {\n    id\n    username\n    email\n    status\n    roles\n    lastSignedInAt\n    edx {\n      state\n      stateSince\n      edxUsername\n      attempts\n      nextAttemptAt\n      lastError {\n        code\n        message\n        retryable\n        at\n      }\n      apiToken {\n        hasToken\n        expiresAt\n        lastError {\n          code\n          message\n        }\n      }\n      mapping {\n        username\n        remoteId\n      }\n      drift\n      history {\n        at\n        from\n        to\n        cause\n        actor {\n          username\n        }\n      }\n    }\n    enrollments {\n      nodes {\n        state\n        stateSince\n        mode\n        requestedMode\n        confirmedByLms\n        attempts\n        nextAttemptAt\n        courseRun {\n          courseKey\n        }\n        lastError {\n          code\n          message\n        }\n      }\n    }\n  }\n}": types.FindAccountDocument,
    "query StuckLinks($filter: EdxLinkFilter!, $after: String) {\n  edxLinks(first: 20, after: $after, filter: $filter) {\n    totalCount\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n    nodes {\n      account {\n        id\n        username\n        email\n      }\n      state\n      stateSince\n      attempts\n      nextAttemptAt\n      lastError {\n        code\n        message\n      }\n    }\n  }\n}": types.StuckLinksDocument,
    "mutation RepairEdxLink($input: RepairEdxLinkInput!) {\n  repairEdxLink(input: $input) {\n    edxLink {\n      state\n      stateSince\n      nextAttemptAt\n    }\n    userErrors {\n      code\n      field\n      message\n    }\n  }\n}": types.RepairEdxLinkDocument,
    "query StuckEnrollments($filter: EnrollmentFilter!, $after: String) {\n  enrollments(first: 20, after: $after, filter: $filter) {\n    totalCount\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n    nodes {\n      id\n      account {\n        id\n        username\n      }\n      courseRun {\n        courseKey\n      }\n      state\n      stateSince\n      requestedMode\n      attempts\n      nextAttemptAt\n      lastError {\n        code\n        message\n      }\n    }\n  }\n}": types.StuckEnrollmentsDocument,
    "mutation EnrollInCourse($input: EnrollInCourseInput!) {\n  enrollInCourse(input: $input) {\n    enrollment {\n      id\n      state\n      requestedMode\n      courseRun {\n        title\n      }\n    }\n    userErrors {\n      code\n      field\n      message\n    }\n  }\n}": types.EnrollInCourseDocument,
    "subscription EnrollmentChanged($accountId: ID) {\n  enrollmentChanged(accountId: $accountId) {\n    enrollment {\n      id\n      state\n      mode\n      courseRun {\n        courseKey\n      }\n      lastError {\n        message\n      }\n    }\n    event {\n      at\n      cause\n    }\n  }\n}": types.EnrollmentChangedDocument,
    "query BackgroundWork($filter: OperationFilter) {\n  operations(first: 20, filter: $filter) {\n    nodes {\n      id\n      kind\n      state\n      done\n      failed\n      total\n      startedBy {\n        username\n      }\n      startedAt\n      finishedAt\n      failure {\n        code\n        message\n        at\n      }\n    }\n  }\n}": types.BackgroundWorkDocument,
    "query Operations {\n  upstreams {\n    name\n    baseUrl\n    breaker\n    breakerReason\n    recentCalls\n    errorRate\n    latency {\n      p50Ms\n      p95Ms\n    }\n    tokenExpiresAt\n  }\n  oauthClients {\n    nodes {\n      clientId\n      name\n      type\n      grantTypes\n      scopes\n      secrets {\n        hint\n        createdAt\n        lastUsedAt\n      }\n    }\n  }\n}": types.OperationsDocument,
    "\n  query DashboardOfTest {\n    viewer {\n      username\n      email\n      edx { state edxUsername drift }\n      enrollments(first: 50) {\n        freshness { stale source }\n        nodes {\n          id state mode confirmedByLms\n          courseRun { courseKey title start end }\n          grade { percent letterGrade passed freshness { asOf stale } }\n          certificate { status downloadUrl }\n        }\n      }\n    }\n  }\n": types.DashboardOfTestDocument,
    "\n  query TitlesOfTest($withGrades: Boolean!) {\n    viewer {\n      enrollments {\n        nodes {\n          courseRun { name: title }\n          ...Graded @include(if: $withGrades)\n        }\n      }\n    }\n  }\n  fragment Graded on Enrollment { grade { percent } }\n": types.TitlesOfTestDocument,
    "\n  query ManyAccountsOfTest {\n    accounts(first: 100, filter: { text: \"learner0\" }) {\n      nodes {\n        username\n        edx { lmsUser { email } mapping { remoteId } }\n        enrollments(first: 5) { nodes { lmsUsername courseRun { courseKey title } grade { percent } } }\n      }\n    }\n  }\n": types.ManyAccountsOfTestDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query Dashboard {\n  viewer {\n    username\n    email\n    edx {\n      state\n      edxUsername\n      drift\n    }\n    enrollments(first: 50) {\n      nodes {\n        state\n        mode\n        courseRun {\n          courseKey\n          title\n          start\n          end\n        }\n        grade {\n          percent\n          letterGrade\n          passed\n          freshness {\n            asOf\n            stale\n          }\n        }\n        certificate {\n          status\n          downloadUrl\n        }\n      }\n    }\n  }\n}"): typeof import('./graphql.js').DashboardDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query FindAccount($by: AccountBy!) {\n  account(by: $by) {\n    id\n    username\n    email\n    status\n    roles\n    lastSignedInAt\n    edx {\n      state\n      stateSince\n      edxUsername\n      attempts\n      nextAttemptAt\n      lastError {\n        code\n        message\n        retryable\n        at\n      }\n      apiToken {\n        hasToken\n        expiresAt\n        lastError {\n          code\n          message\n        }\n      }\n      mapping {\n        username\n        remoteId\n      }\n      drift\n      history {\n        at\n        from\n        to\n        cause\n        actor {\n          username\n        }\n      }\n    }\n    enrollments {\n      nodes {\n        state\n        stateSince\n        mode\n        requestedMode\n        confirmedByLms\n        attempts\n        nextAttemptAt\n        courseRun {\n          courseKey\n        }\n        lastError {\n          code\n          message\n        }\n      }\n    }\n  }\n}"): typeof import('./graphql.js').FindAccountDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query StuckLinks($filter: EdxLinkFilter!, $after: String) {\n  edxLinks(first: 20, after: $after, filter: $filter) {\n    totalCount\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n    nodes {\n      account {\n        id\n        username\n        email\n      }\n      state\n      stateSince\n      attempts\n      nextAttemptAt\n      lastError {\n        code\n        message\n      }\n    }\n  }\n}"): typeof import('./graphql.js').StuckLinksDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation RepairEdxLink($input: RepairEdxLinkInput!) {\n  repairEdxLink(input: $input) {\n    edxLink {\n      state\n      stateSince\n      nextAttemptAt\n    }\n    userErrors {\n      code\n      field\n      message\n    }\n  }\n}"): typeof import('./graphql.js').RepairEdxLinkDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query StuckEnrollments($filter: EnrollmentFilter!, $after: String) {\n  enrollments(first: 20, after: $after, filter: $filter) {\n    totalCount\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n    nodes {\n      id\n      account {\n        id\n        username\n      }\n      courseRun {\n        courseKey\n      }\n      state\n      stateSince\n      requestedMode\n      attempts\n      nextAttemptAt\n      lastError {\n        code\n        message\n      }\n    }\n  }\n}"): typeof import('./graphql.js').StuckEnrollmentsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation EnrollInCourse($input: EnrollInCourseInput!) {\n  enrollInCourse(input: $input) {\n    enrollment {\n      id\n      state\n      requestedMode\n      courseRun {\n        title\n      }\n    }\n    userErrors {\n      code\n      field\n      message\n    }\n  }\n}"): typeof import('./graphql.js').EnrollInCourseDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "subscription EnrollmentChanged($accountId: ID) {\n  enrollmentChanged(accountId: $accountId) {\n    enrollment {\n      id\n      state\n      mode\n      courseRun {\n        courseKey\n      }\n      lastError {\n        message\n      }\n    }\n    event {\n      at\n      cause\n    }\n  }\n}"): typeof import('./graphql.js').EnrollmentChangedDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query BackgroundWork($filter: OperationFilter) {\n  operations(first: 20, filter: $filter) {\n    nodes {\n      id\n      kind\n      state\n      done\n      failed\n      total\n      startedBy {\n        username\n      }\n      startedAt\n      finishedAt\n      failure {\n        code\n        message\n        at\n      }\n    }\n  }\n}"): typeof import('./graphql.js').BackgroundWorkDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query Operations {\n  upstreams {\n    name\n    baseUrl\n    breaker\n    breakerReason\n    recentCalls\n    errorRate\n    latency {\n      p50Ms\n      p95Ms\n    }\n    tokenExpiresAt\n  }\n  oauthClients {\n    nodes {\n      clientId\n      name\n      type\n      grantTypes\n      scopes\n      secrets {\n        hint\n        createdAt\n        lastUsedAt\n      }\n    }\n  }\n}"): typeof import('./graphql.js').OperationsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query DashboardOfTest {\n    viewer {\n      username\n      email\n      edx { state edxUsername drift }\n      enrollments(first: 50) {\n        freshness { stale source }\n        nodes {\n          id state mode confirmedByLms\n          courseRun { courseKey title start end }\n          grade { percent letterGrade passed freshness { asOf stale } }\n          certificate { status downloadUrl }\n        }\n      }\n    }\n  }\n"): typeof import('./graphql.js').DashboardOfTestDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query TitlesOfTest($withGrades: Boolean!) {\n    viewer {\n      enrollments {\n        nodes {\n          courseRun { name: title }\n          ...Graded @include(if: $withGrades)\n        }\n      }\n    }\n  }\n  fragment Graded on Enrollment { grade { percent } }\n"): typeof import('./graphql.js').TitlesOfTestDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ManyAccountsOfTest {\n    accounts(first: 100, filter: { text: \"learner0\" }) {\n      nodes {\n        username\n        edx { lmsUser { email } mapping { remoteId } }\n        enrollments(first: 5) { nodes { lmsUsername courseRun { courseKey title } grade { percent } } }\n      }\n    }\n  }\n"): typeof import('./graphql.js').ManyAccountsOfTestDocument;


export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}
