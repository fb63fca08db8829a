import type { Operation, OperationService } from '../../services/operation/operation.service.js';
import type { OperationFiles } from '../../services/operation/operation-files.js';
import type { ProgramService } from '../../services/program/program.service.js';
import { forbidden, notFound } from './refusal.js';
import { paths, type RegistrarCall, type Route } from './routes.js';

export interface JobEndpointDeps {
  operations: Pick<OperationService, 'findByIds' | 'list'>;
  files: Pick<OperationFiles, 'find' | 'link'>;
  programs: Pick<ProgramService, 'findByIds'>;
}

/** Jobs of this API, by what they are called there; other operations are none of it. */
const tasks = new Map([
  ['EXPORT_PROGRAM_ENROLLMENTS', 'read:list_program_enrollments'],
  ['EXPORT_COURSE_ENROLLMENTS', 'read:list_course_run_enrollments'],
  ['EXPORT_PROGRAM_GRADES', 'get_course_run_grades'],
  ['UPLOAD_PROGRAM_ENROLLMENTS', 'write:write_program_enrollments'],
  ['UPLOAD_COURSE_ENROLLMENTS', 'write:write_course_run_enrollments'],
] as const);

/** Most unfinished jobs that a list tells of. */
const mostJobs = 200;
const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

/** The caller's jobs. */
export function jobRoutes(deps: JobEndpointDeps): Route[] {
  const { operations } = deps;
  return [
    {
      versions: ['v1', 'v2'],
      pattern: paths.jobs,
      methods: {
        GET: {
          isSafe: true,
          async handle({ viewer }) {
            if (!viewer.account) return { status: 200, body: [] };
            const { rows } = await operations.list(
              { startedBy: viewer.account.id, states: ['QUEUED', 'RUNNING'], kinds: [...tasks.keys()] },
              { size: mostJobs },
            );
            return { status: 200, body: await Promise.all(rows.toReversed().map((job) => describeJob(deps, job))) };
          },
        },
      },
    },
    {
      versions: ['v1', 'v2'],
      pattern: paths.job,
      methods: {
        GET: {
          isSafe: true,
          async handle(call) {
            return { status: 200, body: await describeJob(deps, await requireJob(operations, call)) };
          },
        },
      },
    },
  ];
}

async function requireJob(
  operations: Pick<OperationService, 'findByIds'>,
  { viewer, parts }: RegistrarCall,
): Promise<Operation> {
  const id = parts.job ?? '';
  const [job] = uuid.test(id) ? await operations.findByIds([id]) : [];
  if (!job || !taskOf(job)) throw notFound();
  if (job.startedBy !== viewer.account?.id && !viewer.roles.has('ADMIN')) throw forbidden();
  return job;
}

async function describeJob({ files, programs }: JobEndpointDeps, job: Operation): Promise<object> {
  const [[program], [file]] = await Promise.all([
    programs.findByIds([String(job.input.programId)]),
    files.find([job.id]),
  ]);
  return {
    job_id: job.id,
    // Jobs of grades are told without their program.
    name: job.kind === 'EXPORT_PROGRAM_GRADES' ? taskOf(job) : `${program?.key ?? ''}:${taskOf(job)}`,
    created: job.createdAt.toISOString(),
    state: stateOf(job),
    // A fresh address each time: it is good for minutes.
    result: file ? files.link(file).url : null,
    text: textOf(job),
  };
}

function taskOf({ kind, input }: Operation): string | undefined {
  if (kind === 'EXPORT_COURSE_ENROLLMENTS' && input.courseKey === undefined)
    return 'read:list_all_course_run_enrollments';
  return new Map<string, string>(tasks).get(kind);
}

function stateOf({ state, nextAttemptAt, failure }: Operation): string {
  switch (state) {
    case 'QUEUED':
      return 'Pending';
    case 'RUNNING':
      return nextAttemptAt ? 'Retrying' : 'In Progress';
    case 'CANCELED':
      return 'Canceled';
    case 'FAILED':
      // A job whose rows were all refused has done what it was to do: its text says how they fared.
      return failure ? 'Failed' : 'Succeeded';
    default:
      return 'Succeeded';
  }
}

/** Of writes and of grades: how the rows fared, as a status of HTTP. */
function textOf(job: Operation): string | null {
  const { kind, total, done, failed } = job;
  const isGrades = kind === 'EXPORT_PROGRAM_GRADES';
  if (!(isGrades || kind.startsWith('UPLOAD_')) || stateOf(job) !== 'Succeeded') return null;
  if (total === 0 && !isGrades) return '204';
  if (failed === 0) return '200';
  return failed < done ? '207' : '422';
}
