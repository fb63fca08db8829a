import diagnostics from 'node:diagnostics_channel';
import type { RegistrarExchange } from './parse-registrar.js';
import { curriculumUuid, programUuid } from './stage-learners.js';

/** Calls of the LMS's API of program enrollments. */
export interface UpstreamCalls {
  /** Method and address of what wrote, with the number of its rows, e.g. `PUT /api/… 25`, in their order. */
  writes: string[];
  /** What each row that was sent says to the LMS, e.g. `PUT /api/… ["001","active",null,true]`, once. */
  rows: Set<string>;
  /** Addresses that were read, without their queries. */
  reads: Set<string>;
}

interface Call {
  method: string;
  path: string;
  body: string;
}

const api = '/api/program_enrollments/';

/** Listens to what this process sends to the LMS. */
export class UpstreamListener implements Disposable {
  #calls: Call[] = [];
  readonly #onRequest = (message: unknown) => {
    const { request } = message as { request: { method: string; path: string; body?: unknown } };
    const { method, path, body } = request;
    if (path.startsWith(api))
      this.#calls.push({ method, path, body: body instanceof Uint8Array ? Buffer.from(body).toString() : '' });
  };

  constructor() {
    diagnostics.subscribe('undici:request:create', this.#onRequest);
  }

  /** What was sent since the last look. */
  take(): UpstreamCalls {
    const calls = this.#calls;
    this.#calls = [];
    return told(calls.map((call) => ({ ...call, rows: rowsOf(call.body) })));
  }

  [Symbol.dispose](): void {
    diagnostics.unsubscribe('undici:request:create', this.#onRequest);
  }
}

/** What Registrar sent, and which of its rows the LMS took. */
export function recordedCalls({ upstream }: RegistrarExchange): UpstreamCalls & { taken: Set<string> } {
  const calls = upstream
    .filter(({ server, path }) => server === 'LMS' && path.startsWith(api))
    .map(({ body, path, ...call }) => ({ ...call, path: fill(path), rows: rowsOf(fill(body)) }));
  const taken = calls.map(({ answer, rows, ...call }) => ({
    ...call,
    rows: rows.filter((row) => isTaken(row, answer)),
  }));
  return { ...told(calls), taken: told(taken).rows };
}

function told(calls: readonly { method: string; path: string; rows: readonly Row[] }[]): UpstreamCalls {
  const named = calls.map(({ path, ...call }) => ({ ...call, path: decodeURIComponent(path.split('?')[0] ?? '') }));
  const writing = named.filter(({ method }) => method !== 'GET');
  return {
    writes: writing.map(({ method, path, rows }) => `${method} ${path} ${rows.length}`),
    rows: new Set(
      writing.flatMap(({ method, path, rows }) =>
        rows.map((row) => `${method} ${path} ${JSON.stringify(meaningOf(row, method, path))}`),
      ),
    ),
    reads: new Set(named.flatMap(({ method, path }) => (method === 'GET' ? [path] : []))),
  };
}

type Row = Record<string, unknown>;

/**
 * Key, status, curriculum and whether they are staff, as the LMS reads them: without spaces around, a curriculum only of who is new in
 * a program, staff only of course runs, also as a word. Whatever else Registrar was given it hands on, and the LMS does not look at it.
 */
function meaningOf(
  { student_key, status, curriculum_uuid, course_staff }: Row,
  method: string,
  path: string,
): unknown[] {
  const isInCourse = path.includes('/courses/');
  const isStaff = course_staff == null || course_staff === '' ? null : /^true$/i.test(String(course_staff));
  return [
    String(student_key).trim(),
    String(status).trim(),
    isInCourse || method === 'PATCH' ? null : (curriculum_uuid ?? null),
    isInCourse ? isStaff : null,
  ];
}

/** The rows of a body; those that a recording only counts are written out. */
function rowsOf(body: string): Row[] {
  const counted = /^\[(\d+) rows: (\{.*?\}), …, (\{.*\})\]$/.exec(body);
  if (!counted) return body.startsWith('[') ? (JSON.parse(body) as Row[]) : [];
  const [, count = '', first = '', last = ''] = counted;
  const row = JSON.parse(first) as Row;
  const [, letter = '', from = ''] = /^(\D*)(\d+)$/.exec(String(row.student_key)) ?? [];
  const step = Number(/(\d+)$/.exec(String((JSON.parse(last) as Row).student_key))?.[1]) < Number(from) ? -1 : 1;
  return Array.from({ length: Number(count) }, (_, n) => ({
    ...row,
    student_key: letter + String(Number(from) + step * n).padStart(from.length, '0'),
  }));
}

/** An answer that says of each row what became of it names its status; where it is not told in full, its status tells. */
function isTaken(row: Row, answer: string): boolean {
  const [, status = '', body = ''] = /^(\d{3}) (.*)$/.exec(answer) ?? [];
  try {
    return (JSON.parse(body) as Row)[String(row.student_key)] === row.status;
  } catch {
    return status === '200';
  }
}

function fill(text: string): string {
  return text
    .replace(/\{P(\d)\}/g, (_, number: string) => programUuid(number))
    .replace(/\{C(\d)\}/g, (_, number: string) => curriculumUuid(number));
}
