import type { RecordedExchange } from './exchange.js';

/** Request bodies that were cut, as they were before. */
const CUT_BODIES: Readonly<Record<string, () => unknown>> = {
  'g-accounts.md search_emails, 250 addresses': () => ({
    emails: numbered(250, (number) => `learner${number}@example.com`),
  }),
  'k-bulk-programs.md 100 identifiers': () => ({
    identifiers: numbered(100, (number) => `learner${number}`).join(','),
    courses: 'course-v1:edX+DemoX+Demo_Course',
    action: 'enroll',
    auto_enroll: true,
    email_students: false,
  }),
  'k2-program-enrollments.md 26 rows': () =>
    Array.from({ length: 26 }, (_, at) => ({ student_key: `t${at}`, status: 'enrolled', curriculum_uuid: '{C}' })),
};

function numbered(count: number, text: (number: string) => string): string[] {
  return Array.from({ length: count }, (_, at) => text(String(at + 1).padStart(3, '0')));
}

/** The request body before the editor cut it. @throws Error when it was cut and nobody says how it went on */
export function fullBody({ file, heading, request }: RecordedExchange): string | null {
  if (!request.body?.includes(' …<')) return request.body;
  const body = CUT_BODIES[`${file} ${heading}`];
  if (body === undefined) throw new Error(`The body of ${file} › ${heading} was cut`);
  return JSON.stringify(body());
}

/**
 * The request target before the editor cut it: a list of numbered names, of which the first and last are shown.
 *
 * @throws Error when the length is not the one that the editor noted
 */
export function fullTarget(target: string): string {
  const cut = /^(?<head>[^?]*\?\w+=)(?<shown>.*?)…<path of (?<length>\d+) chars>…(?<rest>.*)$/.exec(target);
  if (!cut?.groups) return target;
  const { head = '', shown = '', length, rest = '' } = cut.groups;
  const [list = '', ...others] = rest.split('&');
  const first = shown.split(',')[0] ?? '';
  const last = list.split(',').at(-1) ?? '';
  const full = [`${head}${series(first, last).join(',')}`, ...others].join('&');
  if (full.length !== Number(length)) throw new Error(`${full.length} characters instead of ${length}: ${full}`);
  return full;
}

/** `learner001` … `learner100`; `…X0…` … `…X100…`: the number that differs counts up. */
function series(first: string, last: string): string[] {
  const [, head = '', from = '', tail = ''] = /^(.*?[a-zX])(\d+)((?:%2B|@|$).*)$/.exec(first) ?? [];
  const to = Number(last.slice(head.length, last.length - tail.length));
  const width = from.startsWith('0') ? from.length : 1;
  return Array.from(
    { length: to - Number(from) + 1 },
    (_, at) => `${head}${String(Number(from) + at).padStart(width, '0')}${tail}`,
  );
}
