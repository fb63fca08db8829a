import type { ProgramPopulation } from './program-population.js';
import type { SandboxRequest } from './sandbox-levers.js';

/** Everything that a page of a program's learners is about: who they are, what they take, their grades and the LMS's ID mapping. */
export const programPageQuery = `query ($key: String!, $after: String) {
  program(by: { key: $key }) {
    title
    courseRuns { courseKey title }
    enrollments(first: 200, after: $after) {
      nodes {
        status
        learner { externalKey state lmsUsername account { username edx { mapping { username remoteId } } } }
        courseEnrollments { courseKey status grade { percent } }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}`;

interface ProgramPage {
  program: {
    title: string;
    courseRuns: { courseKey: string; title: string }[];
    enrollments: {
      nodes: {
        status: string;
        learner: {
          externalKey: string;
          state: string;
          lmsUsername: string;
          account: { username: string; edx: { mapping: { username: string; remoteId: string } | null } } | null;
        };
        courseEnrollments: { courseKey: string; status: string; grade: { percent: number } | null }[];
      }[];
      pageInfo: { hasNextPage: boolean; endCursor: string };
    };
  };
}
export type ProgramLearner = ProgramPage['program']['enrollments']['nodes'][number];

/**
 * Reads all learners of a program: page after page, since the graph has no larger ones than of 200.
 *
 * @param ask - asks the graph. @throws when the answer has errors
 */
export async function readProgramPages(
  ask: (query: string, variables: Record<string, unknown>) => Promise<unknown>,
  key: string,
): Promise<ProgramLearner[]> {
  const learners: ProgramLearner[] = [];
  for (let after: string | null = null; ; ) {
    const { program } = (await ask(programPageQuery, { key, after })) as ProgramPage;
    learners.push(...program.enrollments.nodes);
    const { hasNextPage, endCursor } = program.enrollments.pageInfo;
    if (!hasNextPage) return learners;
    after = endCursor;
  }
}

/** Whether a learner came with all that was asked for. */
export function isWholeLearner(learner: ProgramLearner, { runsOfLearner }: ProgramPopulation): boolean {
  const { learner: who, courseEnrollments } = learner;
  return (
    who.state === 'LINKED' &&
    who.account?.username === who.lmsUsername &&
    who.account.edx.mapping?.remoteId === who.lmsUsername &&
    courseEnrollments.length === runsOfLearner &&
    courseEnrollments.every(({ status, grade }) => status === 'ACTIVE' && grade !== null)
  );
}

/** Kinds of calls of the LMS that such pages take, by path. */
const families: readonly (readonly [name: string, path: RegExp])[] = [
  ['tokens', /^\/oauth2\//],
  ['learners', /^\/api\/program_enrollments\/v1\/programs\/[^/]+\/enrollments\/$/],
  ['learners of runs', /^\/api\/program_enrollments\/v1\/programs\/[^/]+\/courses\/[^/]+\/enrollments\/$/],
  ['grades', /^\/api\/grades\//],
  ['ID mapping', /^\/api\/third_party_auth\//],
];

/** How many calls of each kind there are; what is of no kind is counted under its path. */
export function countProgramCalls(calls: readonly SandboxRequest[]): Record<string, number> {
  const nameOf = ({ path }: SandboxRequest) => families.find(([, pattern]) => pattern.test(path))?.[0] ?? path;
  return Object.fromEntries([...Map.groupBy(calls, nameOf)].map(([name, { length }]) => [name, length]));
}

/** The most that section 7.2 of the LMS's contract allows for reading all of these learners once. */
export function allowedProgramCalls({
  usernames,
  courseKeys,
  runsOfLearner,
}: ProgramPopulation): Record<string, number> {
  const learners = usernames.length;
  const ofRun = (learners * runsOfLearner) / courseKeys.length;
  const pages = (rows: number, size: number) => Math.max(1, Math.ceil(rows / size));
  return {
    tokens: 1,
    learners: pages(learners, 500),
    'learners of runs': courseKeys.length * pages(ofRun, 500),
    grades: courseKeys.length * Math.min(ofRun, pages(ofRun, 200)),
    'ID mapping': pages(learners, 50),
  };
}
