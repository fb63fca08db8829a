import { readFileSync } from 'node:fs';
import { addCatalogCourse, addOrganization, addProgram as addRecordedProgram } from '../../../sandbox/catalog/add.js';
import type { RecordedExchange } from './exchange.js';
import { parseFlows } from './parse-flows.js';
import { type RecordedLms, type SentRequest, TRANSCRIPTS } from './recorded-lms.js';
import { replayFlow } from './replay-flow.js';

/** Exchanges that were made beside the browser whose cookies the file is about. */
export function hasOwnBrowser({ file, heading }: RecordedExchange): boolean {
  return file === 'j-login-logout.md' && heading === 'v1: field `email`';
}

/** An exchange that is about to be sent, and the number in its heading, where there is one. */
interface Occasion {
  readonly lms: RecordedLms;
  readonly request: SentRequest;
  readonly exchange: RecordedExchange;
  readonly number: number;
}

interface Precondition {
  readonly file: string;
  readonly heading: RegExp;
  readonly make: (occasion: Occasion) => Promise<unknown>;
}

/** What the editor did before an exchange and says in its heading only. */
const PRECONDITIONS: readonly Precondition[] = [
  // Series of calls with only the refused one shown; each begins with empty windows.
  { file: 'd4-throttles.md', heading: /^(?:.*refused at call |)(\d+)(?:th| refused|$| after)/, make: afterOthers },
  {
    file: 'b1-registration-errors.md',
    heading: /^refused \((\d+) POSTs/,
    make: async ({ lms, request, number }) => {
      await lms.change({ registrationLimit: number });
      await repeat(lms, request, number);
    },
  },
  {
    file: 'b2-registration-validation.md',
    heading: /^over the limit \((\d+) POSTs/,
    make: async ({ lms, request, number }) => {
      // Validation allows half of what registration allows.
      await lms.change({ registrationLimit: 2 * number });
      await repeat(lms, request, number);
    },
  },
  // Whose answers show when they last signed in.
  { file: 'g-accounts.md', heading: /^one account, staff$/, make: ({ lms }) => lms.session('alice') },
  // The link is made by the sign-on above it, which is recorded line by line.
  { file: 'c-sso.md', heading: /^mallory afterwards$/, make: signOnAbove },
  { file: 'k2-program-enrollments.md', heading: /^empty list$/, make: addProgram },
  { file: 'k2-program-enrollments.md', heading: /^list, first row$/, make: linkLearner },
];

/** Does what was done before an exchange was recorded. */
export async function prepare(lms: RecordedLms, exchange: RecordedExchange, request: SentRequest): Promise<void> {
  for (const { file, heading, make } of PRECONDITIONS) {
    const found = file === exchange.file ? heading.exec(exchange.heading) : null;
    if (found) await make({ lms, request, exchange, number: Number(found[1]) });
  }
}

/** @throws Error when a limit is met before the recorded call */
async function repeat(lms: RecordedLms, request: SentRequest, times: number): Promise<void> {
  for (let at = 1; at <= times; at++) {
    const { status, body } = await lms.send(request);
    if (status === 429 || body.includes('forbidden-request')) throw new Error(`call ${at} was refused already`);
  }
}

async function afterOthers({ lms, request, number }: Occasion): Promise<void> {
  await lms.change({ throttles: false, tokenLimit: 100_000 });
  await lms.change({ throttles: true, tokenLimit: 120 });
  await repeat(lms, request, number - 1);
}

async function signOnAbove({ lms, exchange }: Occasion): Promise<void> {
  const flows = parseFlows(readFileSync(new URL(exchange.file, TRANSCRIPTS), 'utf8'));
  for (const flow of flows.filter(({ heading }) => heading === exchange.section)) await replayFlow(lms, flow);
}

/** The program that was put into the LMS's cache by hand. */
const PROGRAM = '11111111-1111-4111-8111-111111111111';

async function addProgram({ lms: { sandbox } }: Occasion): Promise<void> {
  const { state } = sandbox;
  addOrganization(state, { key: 'edX' });
  addCatalogCourse(state, { key: 'edX+DemoX', runs: [{ key: 'course-v1:edX+DemoX+Demo_Course' }] });
  addCatalogCourse(state, { key: 'MITx+6.00x', runs: [{ key: 'course-v1:MITx+6.00x+2024_T1' }] });
  addRecordedProgram(state, {
    uuid: PROGRAM,
    title: 'Test Masters',
    marketingSlug: 'test-masters',
    organizations: ['edX'],
    curricula: [{ uuid: '22222222-2222-4222-8222-222222222222', courses: ['edX+DemoX', 'MITx+6.00x'] }],
  });
}

/** As the LMS's `link_program_enrollments` command does. */
async function linkLearner({ lms }: Occasion): Promise<void> {
  const { programs } = lms.sandbox.state;
  const row = programs.enrollment(PROGRAM, 's1');
  if (row === undefined) throw new Error('s1 is not in the program');
  programs.putEnrollment({ ...row, username: 'alice' });
}
