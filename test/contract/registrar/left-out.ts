/** Exchanges that are not replayed, by `file number` or `file first-last`, with the reason. */
export const leftOut: Record<string, string> = {
  'auth 14-29':
    "sessions, CSRF tokens and JWT cookies of Registrar's own pages: Portico's API takes tokens, and sessions of Portico",
};

export function reasonToLeaveOut(file: string, number: string): string | undefined {
  const wanted = Number.parseInt(number, 10);
  for (const [range, reason] of Object.entries(leftOut)) {
    const [, name, first, last = first] = /^(\S+) (\d+)(?:-(\d+))?$/.exec(range) ?? [];
    if (name === file && wanted >= Number(first) && wanted <= Number(last)) return reason;
  }
  return undefined;
}
