import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addCatalogCourse, addOrganization, addProgram } from '../../sandbox/catalog/add.js';
import { type RunningSandbox, startSandbox } from '../../sandbox/start.js';
import { headerOf, type RecordedExchange, titleOf } from '../contract/recordings/exchange.js';
import { parseRecording } from '../contract/recordings/parse-recording.js';
import { jwtOf, TEST_SANDBOX } from './credentials.js';

/** The sandbox's Registrar gives the answers that were recorded from a running one, in the recording's order. */

let sandbox: RunningSandbox;
let tokens: Readonly<Record<string, string>>;

beforeAll(async () => {
  sandbox = await startSandbox(TEST_SANDBOX);
  tokens = { partner: await jwtOf(sandbox), plain: await jwtOf(sandbox, 'ada') };
  addRecordedSchool();
});
afterAll(() => sandbox.close());

const P1 = '20000000-0000-4000-8000-000000000001';
const C1 = '30000000-0000-4000-8000-000000000001';

/** The school of the recording of program enrollments, with the learners that it starts with. */
function addRecordedSchool(): void {
  const { state } = sandbox;
  addOrganization(state, { key: 'HUMx' });
  addCatalogCourse(state, {
    key: 'HUMx+English-550',
    runs: [{ key: 'course-v1:HUMx+English-550+Spring', externalKey: 'ENG55-S19' }],
  });
  const program = { organizations: ['HUMx'] };
  addProgram(state, {
    ...program,
    uuid: P1,
    title: "Master's in CS",
    marketingSlug: 'masters-in-cs',
    curricula: [{ uuid: C1, courses: ['HUMx+English-550'] }],
  });
  addProgram(state, {
    ...program,
    uuid: P1.replace(/1$/, '2'),
    title: 'MicroMasters in ML',
    type: 'micromasters',
    marketingSlug: 'micromasters-in-ml',
  });
  addProgram(state, {
    ...program,
    uuid: P1.replace(/1$/, '3'),
    title: 'Masters without curriculum',
    marketingSlug: 'no-curriculum',
  });
  addProgram(state, {
    ...program,
    uuid: P1.replace(/1$/, '6'),
    title: 'Empty Masters',
    marketingSlug: 'empty-masters',
    curricula: [{ uuid: C1.replace(/1$/, '6'), courses: [] }],
  });
  for (const [studentKey, status] of Object.entries(LEARNERS)) addLearner(P1, studentKey, status);
  addLearner(P1.replace(/1$/, '3'), '301', 'enrolled');
}

const LEARNERS = {
  '001': 'enrolled',
  '002': 'pending',
  '003': 'suspended',
  '004': 'canceled',
  'Mixed-Case': 'enrolled',
};

function addLearner(programUuid: string, studentKey: string, status: string): void {
  const at = '2026-01-02T08:00:00Z';
  sandbox.state.programs.putEnrollment({
    id: sandbox.state.nextId('programEnrollment'),
    programUuid,
    curriculumUuid: C1,
    studentKey,
    username: null,
    status,
    created: at,
    modified: at,
  });
}

const userOf = ({ request }: RecordedExchange): string | undefined =>
  /^JWT <(.+)>$/.exec(headerOf(request.headers, 'authorization') ?? '')?.[1];

const recorded = parseRecording(
  'program-enrollments.md',
  readFileSync(new URL('../fixtures/transcripts/registrar/program-enrollments.md', import.meta.url), 'utf8'),
);

/** Of users whose rights the sandbox knows, and whole as they were sent; its service worker knows no foreign program. */
const applying = recorded.filter(
  (exchange) =>
    [undefined, 'partner', 'plain'].includes(userOf(exchange)) &&
    !exchange.request.target.includes('masters-in-alt') &&
    !exchange.request.body?.includes('…') &&
    !exchange.answer.body?.includes('<same body'),
);

/** Ids of jobs and the server's own address are of the day. */
function comparable(body: string, rootUrl: string): string {
  return body
    .replaceAll(rootUrl, 'http://localhost:18734')
    .replace(/\{job-\d+\}/g, '{job}')
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '{job}');
}

test.each(applying.map((exchange) => [titleOf(exchange), exchange] as const))('%s', async (_title, exchange) => {
  const { request, answer } = exchange;
  const user = userOf(exchange);
  const contentType = headerOf(request.headers, 'content-type') ?? (request.body && 'application/json');
  const given = await fetch(`${sandbox.registrarUrl}${request.target}`, {
    method: request.method,
    body: request.body,
    headers: {
      ...(user !== undefined && { authorization: `JWT ${tokens[user]}` }),
      ...(contentType && { 'content-type': contentType }),
    },
  });
  const body = comparable(await given.text(), sandbox.registrarUrl);
  expect([given.status, body]).toEqual([answer.status, comparable(answer.body ?? '', 'http://localhost:18734')]);
});
