/** Exchanges that are not replayed, by `file number` or `file first-last`, with the reason. */
export const leftOut: Record<string, string> = {
  'auth 14-29':
    "sessions, CSRF tokens and JWT cookies of Registrar's own pages: Portico's API takes tokens, and sessions of Portico",
  'reports 1-11': 'reports are not there yet',
  'other-routes 1-8': 'the cache flush is not there yet',
  'other-routes 9-10': "Registrar's health page: Portico has /health/live and /health/ready",
  'other-routes 14-16': "pages of Registrar's own",
  'upstream-faults 7': 'the cache flush is not there yet',
  'settings-variants 9-10': 'reports are not there yet',
};

export function reasonToLeaveOut(file: string, number: string): string | undefined {
  const wanted = Number.parseInt(number, 10);
  for (const [range, reason] of Object.entries(leftOut)) {
    const [, name, first, last = first] = /^(\S+) (\d+)(?:-(\d+))?$/.exec(range) ?? [];
    if (name === file && wanted >= Number(first) && wanted <= Number(last)) return reason;
  }
  return undefined;
}
