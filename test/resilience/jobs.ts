import type { RunningSandbox } from '../../sandbox/start.js';
import type { LmsOperation } from '../../src/datasources/lms/operations.js';
import { AccountEntity } from '../../src/entities/account.entity.js';
import { EnrollmentEntity } from '../../src/entities/enrollment.entity.js';
import type { UpstreamFailure } from '../../src/entities/upstream-failure.js';
import type { createLinkageBench, Node } from '../integration/linkage/linkage-bench.js';

type Bench = Awaited<ReturnType<typeof createLinkageBench>>;

/** One thing that is to become so in the LMS. */
export interface Work {
  /** The job that does it, and goes on with it later. */
  job: string;
  /** Runs the body of the job. */
  run(node: Node): Promise<unknown>;
  /** What a person sees of it here. */
  look(node: Node): Promise<{ isDone: boolean; failure: UpstreamFailure | null | undefined }>;
  /** How often it has come to be in the LMS. */
  countInLms(): number;
}

export const rounds = [1, 2, 3] as const;

export interface WorkRow {
  /** What is wanted, for people. */
  name: string;
  operation: LmsOperation;
  /** Those of one round meet the fault at the same time; whatever may need a learner's token has a round of its own. */
  round: (typeof rounds)[number];
  /** What its wait is called where a person sees it, if not by its cause. */
  codeOfWait?: string;
  /** Makes what is wanted ready to be done, while the LMS is well. */
  prepare(bench: Bench, node: Node, username: string): Promise<Work>;
}

const courseKey = 'course-v1:edX+E2E-101+course';
const newName = 'Quite Another Name';

async function linked(bench: Bench, node: Node, username: string): Promise<string> {
  const { id } = await bench.account({ username });
  await node.edxLinks.create(id);
  return id;
}

function userOf({ state }: RunningSandbox, username: string) {
  return [...state.users.values()].filter((user) => user.email === `${username}@example.org`);
}

/** What jobs write, each by the operation that carries it. */
export const workRows: readonly WorkRow[] = [
  {
    name: 'the edX account of a new person',
    operation: 'registration.create',
    round: 1,
    async prepare(bench, _node, username) {
      const { id } = await bench.account({ username });
      return {
        job: `edx-link:${id}`,
        run: (node) => node.edxLinks.create(id),
        async look(node) {
          const link = await node.edxLinks.find(id);
          return { isDone: link?.state === 'LINKED', failure: link?.lastError };
        },
        countInLms: () => userOf(bench.sandbox, username).length,
      };
    },
  },
  {
    name: 'an enrollment',
    operation: 'enrollment.write',
    round: 1,
    async prepare(bench, node, username) {
      const accountId = await linked(bench, node, username);
      const { id } = await node.enrollments.request({ accountId, courseKey }, { accountId });
      return {
        job: `enroll:${accountId}:${courseKey}`,
        run: (node) => node.enrollments.perform(id),
        async look(node) {
          const [row] = await node.enrollments.findByIds([id]);
          return { isDone: row?.state === 'ACTIVE', failure: row?.lastError };
        },
        countInLms: () => (bench.sandbox.state.enrollment(username, courseKey)?.isActive ? 1 : 0),
      };
    },
  },
  {
    name: 'a changed profile',
    operation: 'account.update',
    round: 1,
    codeOfWait: 'profile-waits',
    async prepare(bench, node, username) {
      const id = await linked(bench, node, username);
      await node.edxApiTokens.getValidToken(id);
      await bench.em.fork().nativeUpdate(AccountEntity, { id }, { name: newName });
      const countInLms = () =>
        userOf(bench.sandbox, username).filter(({ profile }) => profile?.name === newName).length;
      return {
        job: `push-profile:${id}`,
        run: (node) => node.edxPush.push(id, 'profile'),
        async look(node) {
          const link = await node.edxLinks.find(id);
          return { isDone: link?.lastError == null && countInLms() === 1, failure: link?.lastError };
        },
        countInLms,
      };
    },
  },
  {
    name: 'whether mails of a course run come',
    operation: 'course-emails.change',
    round: 2,
    async prepare(bench, node, username) {
      const accountId = await linked(bench, node, username);
      await node.edxApiTokens.getValidToken(accountId);
      const em = bench.em.fork();
      const row = em.create(EnrollmentEntity, { accountId, courseKey, lmsUsername: username, state: 'ACTIVE' });
      await em.flush();
      await node.courseEmails.set({ accountId, courseKey, receives: false }, { accountId });
      const optouts = () => [...bench.sandbox.state.optouts.values()];
      return {
        job: `course-emails:${accountId}:${courseKey}`,
        run: (node) => node.courseEmails.push(row.id),
        async look(node) {
          const [now] = await node.enrollments.findByIds([row.id]);
          return { isDone: now?.emailsVersion === now?.emailsToldVersion, failure: now?.emailsError };
        },
        countInLms: () => optouts().filter((each) => each.username === username).length,
      };
    },
  },
  {
    name: 'a learner’s API token',
    operation: 'oauth.authorization_code',
    round: 3,
    async prepare(bench, node, username) {
      const id = await linked(bench, node, username);
      return {
        job: `edx-api-token:${id}`,
        run: (node) => node.edxApiTokens.provide(id, { isAnew: true }),
        async look(node) {
          const link = await node.edxLinks.find(id);
          return {
            isDone: link?.apiTokenLastError == null && link?.apiTokenRefreshedAt != null,
            failure: link?.apiTokenLastError,
          };
        },
        // The LMS keeps tokens whose answer was lost; one is as good as another.
        countInLms: () =>
          [...bench.sandbox.state.accessTokens.values()].some((token) => token.username === username) ? 1 : 0,
      };
    },
  },
];
