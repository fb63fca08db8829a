import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { createRegistrarClient } from '../../../src/datasources/registrar/registrar-client.js';
import { createLogger } from '../../../src/logger.js';
import { answerJson, type SeenRequest, startScriptedLms } from '../datasources/scripted-lms.js';

export const program = { key: 'masters-in-cs', uuid: null };
export const run = { courseKey: 'course-v1:HUMx+English-550+Spring', externalKey: 'ENG55-S19' };
export const secondRun = { courseKey: 'course-v1:HUMx+Math-100+Fall', externalKey: null };
export const job = { purpose: 'job' } as const;

/** A program as the Registrar lists it. */
export interface ScriptedProgram {
  key: string;
  organization: string;
  title?: string;
  /** Null: Discovery could not be asked. */
  type?: string | null;
  permissions?: string[];
}

/** All of a list that comes by pages. */
export async function collect<Row>(pages: AsyncIterable<Row[]>): Promise<Row[]> {
  const all: Row[] = [];
  for await (const page of pages) all.push(...page);
  return all;
}

export interface Script {
  programs?: ScriptedProgram[];
  /** Answers instead of what a Registrar would; `false`: leaves it to that. */
  before?: (request: SeenRequest, response: ServerResponse) => boolean | undefined;
  /** LMS users of learners, as the flag for names has them told. */
  usernames?: Record<string, string>;
  /** States that a job has, one a look; then it has succeeded. */
  states?: string[];
  /** Where results are said to be. */
  resultUrl?: (own: string) => string | null;
  /** Text of the file, instead of the list. */
  result?: string;
}

/** What a row of a write comes to, as the LMS behind the Registrar says it. */
type Word = (row: { student_key: string; status: string }, has: Map<string, string>) => string;
const statuses = ['enrolled', 'pending', 'suspended', 'canceled', 'ended', 'active', 'inactive'];
const words: Record<string, Word> = {
  POST: ({ student_key, status }, has) =>
    !statuses.includes(status) ? 'invalid-status' : has.has(student_key) ? 'conflict' : status,
  PATCH: ({ student_key, status }, has) =>
    !statuses.includes(status) ? 'invalid-status' : has.has(student_key) ? status : 'not-in-program',
};

/** A Registrar on a real socket, with one program of two runs, that answers as the recorded one does unless a test says otherwise. */
export async function startScriptedRegistrar(script: Script = {}) {
  const learners = new Map<string, string>();
  const inRun = new Map<string, string>();
  const files = new Map<string, unknown>();
  const left = new Map<string, string[]>();
  const begin = (response: ServerResponse, rows: unknown) => {
    const id = randomUUID();
    files.set(id, rows);
    left.set(id, [...(script.states ?? [])]);
    answerJson(response, 202, { job_id: id, job_url: `http://registrar.internal/api/v1/jobs/${id}` });
  };
  const courseRows = () =>
    [...inRun].map(([student_key, status]) => ({
      course_id: run.externalKey,
      student_key,
      status,
      account_exists: false,
    }));
  const server = await startScriptedLms((request, response) => {
    if (script.before?.(request, response)) return;
    const { method, url, body, headers } = request;
    const [path = ''] = url.split('?');
    const result = /^\/api\/media\/(.+)\.json$/.exec(path);
    if (result) {
      if (headers.authorization !== undefined) return answerJson(response, 500, { detail: 'a token has leaked' });
      response.writeHead(200, { 'content-type': 'binary/octet-stream' });
      return void response.end(script.result ?? JSON.stringify(files.get(result[1] ?? ''), null, 4));
    }
    if (path === '/health') return answerJson(response, 200, { overall_status: 'OK' });
    if (!headers.authorization?.startsWith('JWT ')) return answerJson(response, 401, { detail: 'Invalid token.' });
    const wanted = /^\/api\/v1\/jobs\/(.+)$/.exec(path)?.[1];
    if (wanted !== undefined) {
      if (!files.has(wanted)) return answerJson(response, 404, { detail: 'Not found.' });
      const state = left.get(wanted)?.shift() ?? 'Succeeded';
      const own = `${server.url}/api/media/${wanted}.json`;
      const at = state === 'Succeeded' ? (script.resultUrl ? script.resultUrl(own) : own) : null;
      return answerJson(response, 200, { job_id: wanted, name: 'x:read:y', state, result: at, text: null });
    }
    if (answerPrograms(script.programs ?? demo, new URL(url, 'http://x'), response)) return;
    if (path === `/api/v1/programs/${program.key}/course_enrollments`) return begin(response, courseRows());
    const place = new RegExp(`^/api/v1/programs/${program.key}/(courses/([^/]+)/)?enrollments$`).exec(path);
    if (!place) return answerJson(response, 404, { detail: 'Not found.' });
    const course = place[2] && decodeURIComponent(place[2]);
    if (course !== undefined && course !== run.courseKey && course !== run.externalKey)
      return answerJson(response, 404, { detail: 'Not found.' });
    if (method === 'GET')
      return begin(
        response,
        course === undefined
          ? [...learners].map(([student_key, status]) => ({
              account_exists: script.usernames?.[student_key] !== undefined,
              status,
              student_key,
              ...(script.usernames && { username: script.usernames[student_key] ?? '', email: '' }),
            }))
          : courseRows(),
      );
    const has = course === undefined ? learners : inRun;
    const rows = JSON.parse(body) as { student_key: string; status: string }[];
    if (rows.length > 25) return answerJson(response, 413, { detail: 'Enrollment limit 25' });
    const answer: Record<string, string> = {};
    for (const row of rows) {
      const word = words[method]?.(row, has) ?? 'internal-error';
      answer[row.student_key] = word;
      if (word === row.status) has.set(row.student_key, row.status);
    }
    answerWords(response, answer);
  });
  return {
    url: server.url,
    seen: server.seen,
    learners,
    inRun,
    /** Method and path of each call, in order. */
    calls: () => server.seen.map(({ method, url }) => `${method} ${shorten(url)}`),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

const demo: ScriptedProgram[] = [
  { key: program.key, organization: 'HUMx' },
  { key: 'micromasters-in-ml', organization: 'HUMx', type: 'MicroMasters', permissions: ['read_metadata'] },
];
const allRights = ['read_enrollments', 'read_metadata', 'write_enrollments'];

/** Lists, programs and their course runs; false for another address. */
function answerPrograms(programs: readonly ScriptedProgram[], address: URL, response: ServerResponse): boolean {
  const describe = ({ key, title = `About ${key}`, type = 'Masters', permissions = allRights }: ScriptedProgram) => ({
    program_key: key,
    program_title: type === null ? key : title,
    program_url: type === null ? null : `https://example.org/${key}`,
    program_type: type,
    permissions,
  });
  const { pathname, searchParams } = address;
  if (pathname === '/api/v3/programs/') {
    const org = searchParams.get('org');
    const found = programs.filter(({ organization }) => org === null || organization === org);
    if (org !== null && found.length === 0) answerJson(response, 404, { detail: 'Not found.' });
    else answerJson(response, 200, { count: found.length, next: null, previous: null, results: found.map(describe) });
    return true;
  }
  const [, key, isCourses] = /^\/api\/v1\/programs\/([^/]+)(\/courses)?$/.exec(pathname) ?? [];
  if (key === undefined) return false;
  const found = programs.find((each) => each.key === key);
  if (!found) answerJson(response, 404, { detail: 'Not found.' });
  else if (!isCourses) answerJson(response, 200, describe(found));
  else
    answerJson(
      response,
      200,
      [run, secondRun].map(({ courseKey, externalKey }) => ({
        course_id: courseKey,
        external_course_key: externalKey,
        course_title: 'A course',
        course_url: null,
      })),
    );
  return true;
}

export function answerWords(response: ServerResponse, answer: Record<string, string>): void {
  const good = Object.values(answer).filter((word) => statuses.includes(word)).length;
  answerJson(response, good === 0 ? 422 : good === Object.keys(answer).length ? 200 : 207, answer);
}

function shorten(url: string): string {
  return decodeURIComponent(url)
    .replace(/[\da-f]{8}-[\da-f-]{27}/g, '{job}')
    .replace('/api/v1/programs/masters-in-cs', '…');
}

/** A client of it, whose calls and jobs may take two seconds. */
export function connectRegistrar(
  baseUrl: string,
  {
    resultOrigins = [],
    jobMs = 2_000,
    callMs = 2_000,
  }: { resultOrigins?: string[]; jobMs?: number; callMs?: number } = {},
) {
  return createRegistrarClient({
    config: { baseUrl, resultOrigins, jobMs },
    timeouts: { tryMs: callMs / 2, requestMs: callMs, jobMs: callMs },
    workerJwt: { authorization: async () => 'JWT worker', reject: () => false, expiresAt: () => undefined },
    logger: createLogger('silent'),
    clock: () => new Date(),
  });
}
