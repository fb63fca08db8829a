import { ConflictError } from '../../errors.js';
import type { Actor } from '../../services/actor.js';
import type { OperationRow, OperationService } from '../../services/operation/operation.service.js';
import { findActiveRun } from '../../services/program/active-runs.js';
import type { Program } from '../../services/program/program.service.js';
import type { ProgramWriteService } from '../../services/program-write/program-write.service.js';
import { wordOf } from '../../services/program-write/row-word.js';
import { type EnrollmentRow, readEnrollmentRows } from './enrollment-rows.js';
import { notFound } from './refusal.js';
import {
  type Endpoint,
  type ProgramCall,
  paths,
  type RegistrarAnswer,
  type RegistrarCall,
  type Route,
} from './routes.js';
import { answerOfWords, statusOfWords } from './row-words.js';

export interface EnrollmentEndpointDeps {
  operations: Pick<OperationService, 'begin'>;
  programWrites: Pick<ProgramWriteService, 'write'>;
}

/** Learners of a program and of its course runs: read by jobs, written at once. */
export function enrollmentRoutes({ operations, programWrites }: EnrollmentEndpointDeps): Route[] {
  const reading = (begin: (call: ProgramCall, format: 'json' | 'csv') => Promise<{ id: string }>): Endpoint => ({
    permission: 'READ_ENROLLMENTS',
    async handle(call) {
      const { id } = await begin(call, readFormat(call.address));
      return { status: 202, body: { job_id: id, job_url: jobAddress(call.address, id) } };
    },
  });
  const writing = (level: 'program' | 'course', mode: 'CREATE' | 'UPDATE'): Endpoint => ({
    permission: 'WRITE_ENROLLMENTS',
    async handle(call) {
      const courseId = level === 'course' ? requireRun(call) : undefined;
      const rows = readEnrollmentRows(await call.readJson(), level === 'course');
      return write(programWrites, call, { level, mode, courseId, rows });
    },
  });
  return [
    {
      versions: ['v1', 'v2'],
      pattern: paths.enrollments,
      methods: {
        GET: reading(({ program, ...call }, format) =>
          operations.begin('EXPORT_PROGRAM_ENROLLMENTS', { programId: program.id, format }, actorOf(call)),
        ),
        POST: writing('program', 'CREATE'),
        PATCH: writing('program', 'UPDATE'),
      },
    },
    {
      versions: ['v1', 'v2'],
      pattern: paths.courseEnrollments,
      methods: {
        GET: reading((call, format) =>
          operations.begin(
            'EXPORT_COURSE_ENROLLMENTS',
            { programId: call.program.id, courseKey: requireRun(call), format },
            actorOf(call),
          ),
        ),
        POST: writing('course', 'CREATE'),
        PATCH: writing('course', 'UPDATE'),
      },
    },
    {
      versions: ['v1', 'v2'],
      pattern: paths.grades,
      methods: {
        GET: reading((call, format) =>
          operations.begin(
            'EXPORT_PROGRAM_GRADES',
            { programId: call.program.id, courseKey: requireRun(call), format },
            actorOf(call),
          ),
        ),
      },
    },
    {
      versions: ['v1', 'v2'],
      pattern: paths.allCourseEnrollments,
      methods: {
        GET: reading(({ program, ...call }, format) =>
          operations.begin('EXPORT_COURSE_ENROLLMENTS', { programId: program.id, format }, actorOf(call)),
        ),
      },
    },
  ];
}

/** Who acts, as history and audit keep it. */
export function actorOf({ viewer, ip }: Pick<RegistrarCall, 'viewer' | 'ip'>): Actor {
  return {
    accountId: viewer.account?.id ?? null,
    clientId: viewer.clientId ?? null,
    address: ip,
    roles: viewer.roles,
  };
}

/** Where a job is asked for, in the version of the request. */
export function jobAddress(address: URL, jobId: string): string {
  const version = /^\/api\/(v\d)\//.exec(address.pathname)?.[1] ?? 'v1';
  return `${address.origin}/api/${version}/jobs/${jobId}`;
}

/** The run of the active curriculum that the path names, by its key or the partner's, in this letter case. */
function requireRun({ program, parts }: Pick<ProgramCall, 'program' | 'parts'>): string {
  const run = findActiveRun(program, parts.course ?? '');
  if (!run) throw notFound();
  return run.courseKey;
}

function readFormat({ searchParams }: URL): 'json' | 'csv' {
  const format = searchParams.get('fmt') ?? 'json';
  if (format !== 'json' && format !== 'csv') throw notFound();
  return format;
}

async function write(
  programWrites: Pick<ProgramWriteService, 'write'>,
  call: ProgramCall,
  wanted: {
    level: 'program' | 'course';
    mode: 'CREATE' | 'UPDATE';
    courseId: string | undefined;
    rows: readonly EnrollmentRow[];
  },
): Promise<RegistrarAnswer> {
  const { level, mode, courseId, rows } = wanted;
  const words = new Map(rows.map(({ studentKey }) => [studentKey, 'internal-error']));
  if (rows.length > 0)
    for (const [key, word] of await wordsOf(call.program, rows, () =>
      programWrites.write(
        call.program,
        level,
        {
          mode,
          courseId,
          rows: rows.map(({ studentKey, status, courseStaff }) => ({
            externalKey: studentKey,
            status,
            ...(courseStaff != null && { courseStaff }),
          })),
        },
        actorOf(call),
      ),
    ))
      words.set(key, word);
  return { status: statusOfWords(words.values()), body: answerOfWords(words) };
}

/** A word for each key as the caller spelled it: the status where it was written, else what stands against it. */
async function wordsOf(
  program: Program,
  rows: readonly EnrollmentRow[],
  send: () => Promise<{ rows: OperationRow[] }>,
): Promise<[key: string, word: string][]> {
  try {
    const settled = new Map((await send()).rows.map((row) => [row.number, row]));
    return rows.map(({ studentKey, status }, index) => [
      studentKey,
      wordOf({ status, outcome: settled.get(index + 1)?.outcome }),
    ]);
  } catch (error) {
    // A program without an active curriculum takes nobody: in this API that is told row by row.
    if (!(error instanceof ConflictError) || program.discoveryUuid == null) throw error;
    return rows.map(({ studentKey }) => [studentKey, 'internal-error']);
  }
}
