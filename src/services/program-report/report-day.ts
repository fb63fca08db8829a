/**
 * Reads a day as Registrar does: the year in four digits, month and day in one or two.
 *
 * @returns `YYYY-MM-DD`; undefined when it is no day
 */
export function readDay(text: string): string | undefined {
  const [, year, month = '', day = ''] = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text) ?? [];
  if (year === undefined || year === '0000') return undefined;
  const padded = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  const moment = new Date(`${padded}T00:00:00Z`);
  // A 30th of February would be the first of March.
  return !Number.isNaN(moment.getTime()) && moment.toISOString().startsWith(padded) ? padded : undefined;
}

/**
 * The day that a report is of, from its name: `anything__2019-12-11.csv`, with whatever follows.
 *
 * @returns `YYYY-MM-DD`; undefined when the name has none: such files are no reports
 */
export function dayOfReport(name: string): string | undefined {
  return readDay(/^.*__(\d*-\d*-\d*)/.exec(name)?.[1] ?? '');
}
