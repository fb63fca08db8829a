import type { RecordedExchange } from './exchange.js';
import type { RecordedLms, SentRequest } from './recorded-lms.js';

/** Exchanges that were made beside the browser whose cookies the file is about. */
export function hasOwnBrowser({ file, heading }: RecordedExchange): boolean {
  return file === 'j-login-logout.md' && heading === 'v1: field `email`';
}

interface Precondition {
  readonly file: string;
  readonly heading: RegExp;
  readonly make: (lms: RecordedLms, request: SentRequest, found: RegExpExecArray) => Promise<void>;
}

/** What the editor did before an exchange and says in its heading only. */
const PRECONDITIONS: readonly Precondition[] = [
  // Series of calls with only the refused one shown; each begins with empty windows.
  { file: 'd4-throttles.md', heading: /^(?:.*refused at call |)(\d+)(?:th| refused|$| after)/, make: afterOthers },
  {
    file: 'b1-registration-errors.md',
    heading: /^refused \((\d+) POSTs/,
    make: async (lms, request, [, limit]) => {
      await lms.change({ registrationLimit: Number(limit) });
      await repeat(lms, request, Number(limit));
    },
  },
  {
    file: 'b2-registration-validation.md',
    heading: /^over the limit \((\d+) POSTs/,
    make: async (lms, request, [, limit]) => {
      // Validation allows half of what registration allows.
      await lms.change({ registrationLimit: 2 * Number(limit) });
      await repeat(lms, request, Number(limit));
    },
  },
  // Whose answers show when they last signed in.
  { file: 'g-accounts.md', heading: /^one account, staff$/, make: async (lms) => void (await lms.session('alice')) },
  { file: 'k2-program-enrollments.md', heading: /^empty list$/, make: addProgram },
  { file: 'k2-program-enrollments.md', heading: /^list, first row$/, make: linkLearner },
];

/** Does what was done before an exchange was recorded. */
export async function prepare(lms: RecordedLms, exchange: RecordedExchange, request: SentRequest): Promise<void> {
  for (const { file, heading, make } of PRECONDITIONS) {
    const found = file === exchange.file ? heading.exec(exchange.heading) : null;
    if (found) await make(lms, request, found);
  }
}

async function repeat(lms: RecordedLms, request: SentRequest, times: number): Promise<void> {
  for (let at = 0; at < times; at++) await lms.send(request);
}

async function afterOthers(lms: RecordedLms, request: SentRequest, [, number]: RegExpExecArray): Promise<void> {
  await lms.change({ throttles: false, tokenLimit: 100_000 });
  await lms.change({ throttles: true, tokenLimit: 120 });
  await repeat(lms, request, Number(number) - 1);
}

/** The program that was put into the LMS's cache by hand. */
const PROGRAM = {
  uuid: '11111111-1111-4111-8111-111111111111',
  slug: 'test-masters',
  title: 'Test Masters',
  org: 'edX',
  type: 'masters',
  curriculumUuid: '22222222-2222-4222-8222-222222222222',
  courseKeys: ['course-v1:edX+DemoX+Demo_Course', 'course-v1:MITx+6.00x+2024_T1'],
};

async function addProgram({ sandbox: { state } }: RecordedLms): Promise<void> {
  state.programs.set(PROGRAM.uuid, PROGRAM);
}

/** As the LMS's `link_program_enrollments` command does. */
async function linkLearner({ sandbox: { state } }: RecordedLms): Promise<void> {
  const key = `${PROGRAM.uuid} s1`;
  const row = state.programEnrollments.get(key);
  if (row === undefined) throw new Error('s1 is not in the program');
  state.programEnrollments.set(key, { ...row, username: 'alice' });
}
