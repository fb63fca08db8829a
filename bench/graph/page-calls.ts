import { pullLever, sandboxLevers } from '../../test/support/sandbox-levers.js';
import { type BenchPart, table } from './part.js';
import { startStage } from './stage.js';

const people = 1000;
const courses = 20;
const enrollmentsPerUser = 5;
const pageSize = 200;
const latencyMs = 10;

/** Calls that the whole population may cost, and those of a plain request per key. */
const families = [
  { name: 'enrollments', path: /^\/api\/enrollment\//, atMost: 50, naive: people },
  { name: 'exact grades', path: /^\/api\/grades\//, atMost: 40, naive: people * enrollmentsPerUser },
  { name: 'courses', path: /^\/api\/courses\//, atMost: 1, naive: people * enrollmentsPerUser },
  { name: 'accounts', path: /^\/api\/user\//, atMost: 40, naive: people },
  { name: 'ID mapping', path: /^\/api\/third_party_auth\//, atMost: 20, naive: people },
] as const;

const query = `query ($after: String, $users: Boolean!) {
  accounts(first: ${pageSize}, after: $after, filter: { text: "learner0" }) {
    nodes {
      username
      edx { mapping { remoteId } lmsUser @include(if: $users) { name isActive } }
      enrollments(first: ${enrollmentsPerUser}) { nodes { courseRun { title } grade { percent } } }
    }
    pageInfo { hasNextPage endCursor }
  }
}`;

interface Page {
  accounts: {
    nodes: {
      edx: { mapping: unknown; lmsUser?: unknown };
      enrollments: { nodes: { courseRun: { title: string | null } | null; grade: unknown }[] };
    }[];
    pageInfo: { hasNextPage: boolean; endCursor: string };
  };
}

/** All learners with their enrollments, titles, grades, ID mapping and LMS users: how many calls of the LMS that takes. */
export const pageCalls: BenchPart = {
  name: 'page calls',
  async run({ newDatabase, server, tell }) {
    const usernames = Array.from({ length: people }, (_, index) => `learner${String(index + 1).padStart(5, '0')}`);
    await using stage = await startStage({ databaseUrl: await newDatabase(), server, people: usernames });
    const lms = sandboxLevers(stage.sandbox.lmsUrl);
    await lms.seed({ users: people, courses, enrollmentsPerUser, seed: 7 });
    await pullLever(stage.sandbox.lmsUrl, 'PUT', 'faults', [{ match: '/api/*', mode: 'slow', ms: latencyMs }]);
    const read = async (users: boolean) => {
      await lms.forgetRequests();
      const startedAt = performance.now();
      let after: string | null = null;
      let complete = 0;
      do {
        const page: Page = await stage.ask<Page>(query, { after, users });
        const { nodes, pageInfo } = page.accounts;
        complete += nodes.filter((node) => isComplete(node, users)).length;
        after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
        tell(`${complete} learners after ${Math.round(performance.now() - startedAt)} ms`);
      } while (after !== null);
      const requests = await lms.requests();
      const calls = families.map(({ path }) => requests.filter((request) => path.test(request.path)).length);
      return { calls, complete, tookMs: performance.now() - startedAt };
    };
    const cold = await read(false);
    const withUsers = await read(true);
    const warm = await read(true);
    const rows = families.map(({ name, atMost, naive }, at) => {
      const without = cold.calls[at] ?? Number.NaN;
      const calls = without + (withUsers.calls[at] ?? Number.NaN);
      const again = warm.calls[at] ?? Number.NaN;
      const isUnasked = name !== 'accounts' || without === 0;
      return { name, atMost, naive, calls, again, isKept: calls <= atMost && again === 0 && isUnasked };
    });
    const isWhole = [cold, withUsers, warm].every(({ complete }) => complete === people);
    return {
      isKept: isWhole && rows.every(({ isKept }) => isKept),
      text: [
        `${people} learners with ${enrollmentsPerUser} enrollments each in ${courses} course runs of ${(people * enrollmentsPerUser) / courses}, read by staff in pages of ${pageSize}; the LMS answers after ${latencyMs} ms. The first reading asks for no LMS users, the second does, the third is warm; they took ${[cold, withUsers, warm].map(({ tookMs }) => `${(tookMs / 1000).toFixed(1)} s`).join(', ')}.`,
        '',
        table(
          ['calls', 'Portico', 'at most', 'warm', 'one call per key', ''],
          rows.map(({ name, calls, atMost, again, naive, isKept }) => [
            name,
            calls,
            atMost,
            again,
            naive,
            isKept ? 'kept' : 'MISSED',
          ]),
        ),
      ].join('\n'),
    };
  },
};

function isComplete({ edx, enrollments }: Page['accounts']['nodes'][number], users: boolean): boolean {
  const isRead = enrollments.nodes.every(({ courseRun, grade }) => courseRun?.title && grade);
  return isRead && enrollments.nodes.length === enrollmentsPerUser && !!edx.mapping && (!users || !!edx.lmsUser);
}
