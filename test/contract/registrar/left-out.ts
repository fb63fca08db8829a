/** Exchanges that are not replayed, by `file number` or `file first-last`, with the reason. */
export const leftOut: Record<string, string> = {
  'auth 14-29':
    "sessions, CSRF tokens and JWT cookies of Registrar's own pages: Portico's API takes tokens, and sessions of Portico",
  'grades 2-14':
    'the LMS answered by a switch of the stub; what is made of such rows is in test/integration/registrar/uploads.test.ts',
  'course-enrollments 43-47': 'with waffle flags and learners of another population',
  'csv-uploads 26-30': 'with a waffle flag; the column course_staff is taken, and is not in the result',
  'settings-variants 1-9': 'settings that Portico does not have',
};

export function reasonToLeaveOut(file: string, number: string): string | undefined {
  const wanted = Number.parseInt(number, 10);
  for (const [range, reason] of Object.entries(leftOut)) {
    const [, name, first, last = first] = /^(\S+) (\d+)(?:-(\d+))?$/.exec(range) ?? [];
    if (name === file && wanted >= Number(first) && wanted <= Number(last)) return reason;
  }
  return undefined;
}
