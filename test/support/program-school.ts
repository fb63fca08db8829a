import { Readable } from 'node:stream';
import { type AppContext, createContext } from '../../src/app/context.js';
import { loadConfig } from '../../src/config/config.js';
import { OperationEntity } from '../../src/entities/operation.entity.js';
import type { Program } from '../../src/entities/program.entity.js';
import { createLogger } from '../../src/logger.js';
import { systemActor } from '../../src/services/actor.js';
import type { Operation } from '../../src/services/operation/operation.service.js';
import { Halves } from './halves.js';
import type { SandboxRequest } from './sandbox-levers.js';
import { findTestPort } from './test-port.js';
import { workerJwt } from './worker-jwt.js';

/** A demo program of the sandbox, with a curriculum and learners whom the LMS knows. */
const programKey = 'masters-in-computer-science';

/** `portico web` and `portico worker` as processes of their own, with programs; and their services, which run no jobs here. */
export interface ProgramSchool extends AsyncDisposable {
  halves: Halves;
  context: AppContext;
  program: Program;
}

/** @param home - folder for data and logs; new and empty. The halves are there, and not started */
export async function openProgramSchool(home: string): Promise<ProgramSchool> {
  await using stack = new AsyncDisposableStack();
  const discoveryPort = String(await findTestPort());
  const halves = stack.use(
    await Halves.create({
      home,
      env: { DISABLE_SCHEDULES: 'all', DISCOVERY_API_BASE_URL: `http://localhost:${discoveryPort}` },
      sandboxEnv: { SANDBOX_DISCOVERY_PORT: discoveryPort },
    }),
  );
  const { config, secrets } = loadConfig(halves.settings);
  const context = stack.use(await createContext({ config, secrets, logger: createLogger('silent') }));
  await context.services.programs.sync({ purpose: 'job' });
  const program = await context.services.programs.findByKey(programKey);
  if (!program) throw new Error(`Discovery knows no ${programKey}`);
  const kept = stack.move();
  return { halves, context, program, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** Key of the nth learner of a file that {@link beginUpload} sends. */
export const studentKeyOf = (number: number, prefix = 'S'): string => `${prefix}-${String(number).padStart(6, '0')}`;

/** Sends a file of so many learners, as `POST /api/uploads` and the mutation do. @returns id of the operation */
export async function beginUpload({ context, program }: ProgramSchool, rows: number): Promise<string> {
  const { uploads, programWrites } = context.services;
  const lines = function* () {
    yield 'student_key,status\r\n';
    for (let number = 1; number <= rows; number++) yield `${studentKeyOf(number)},enrolled\r\n`;
  };
  const upload = await uploads.receive(Readable.from(lines(), { objectMode: false }), {
    name: 'learners.csv',
    actor: systemActor,
  });
  const described = await programWrites.requireProgram(program.key);
  const { id } = await programWrites.upload(
    described,
    'program',
    { uploadId: upload.id, isDryRun: false },
    systemActor,
  );
  return id;
}

/** An operation as it stands. */
export function lookAt({ context }: ProgramSchool, id: string): Promise<Operation> {
  return context.orm.em.fork().findOneOrFail(OperationEntity, { id });
}

/** Calls that wrote enrollments of the program, in their order. */
export async function writesOf({ halves, program }: ProgramSchool): Promise<SandboxRequest[]> {
  const answer = await fetch(`${halves.lmsUrl}/_sandbox/requests`);
  const calls = (await answer.json()) as SandboxRequest[];
  const path = enrollmentsPath(program);
  return calls.filter((call) => call.path === path && call.method !== 'GET');
}

/** Where the LMS takes a program's enrollments. */
export function enrollmentsPath({ discoveryUuid }: Pick<Program, 'discoveryUuid'>): string {
  return `/api/program_enrollments/v1/programs/${discoveryUuid}/enrollments/`;
}

/** Statuses of the program's learners by key, as the LMS tells them. */
export async function learnersInLms({ halves, program }: ProgramSchool): Promise<Map<string, string>> {
  const token = await workerJwt(halves.lmsUrl);
  const found = new Map<string, string>();
  let next: string | null = `${halves.lmsUrl}${enrollmentsPath(program)}?page_size=500`;
  while (next) {
    const answer: Response = await fetch(next, { headers: { authorization: `JWT ${token}` } });
    if (!answer.ok) throw new Error(`${next}: ${answer.status}`);
    const page = (await answer.json()) as { next: string | null; results: { student_key: string; status: string }[] };
    for (const { student_key: key, status } of page.results) found.set(key, status);
    next = page.next;
  }
  return found;
}
