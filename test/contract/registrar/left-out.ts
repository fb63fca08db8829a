const jwtCookies =
  'JWT cookies of the LMS are nobody here: a client sends the same token as Authorization: JWT, or comes by a session of Portico';

/** Exchanges that are not replayed, by `file number` or `file first-last`, with the reason. */
export const leftOut: Record<string, string> = {
  'auth 21-22': jwtCookies,
  'auth 24': jwtCookies,
  'auth 28-29': jwtCookies,
};

export function reasonToLeaveOut(file: string, number: string): string | undefined {
  const wanted = Number.parseInt(number, 10);
  for (const [range, reason] of Object.entries(leftOut)) {
    const [, name, first, last = first] = /^(\S+) (\d+)(?:-(\d+))?$/.exec(range) ?? [];
    if (name === file && wanted >= Number(first) && wanted <= Number(last)) return reason;
  }
  return undefined;
}
