import { createReadStream } from 'node:fs';
import { CsvError, parse } from 'csv-parse';
import { InvalidInputError } from '../../errors.js';
import { systemActor } from '../../services/actor.js';
import type { PlannedRow } from '../../services/operation/rows.js';
import { openContext } from '../command-context.js';
import { countOf, printAnswer } from '../output.js';
import { createProgress } from '../progress.js';
import { readAllRows } from './read-all-rows.js';

export interface BulkEnrollOptions {
  unenroll: boolean;
  force: boolean;
  commit: boolean;
  json: boolean;
}

/** In bytes; a longer line is another kind of file. */
const longestLine = 100_000;
const pageSize = 1_000;
/** Names of the columns that people use, by what they hold. */
const columns = new Map([
  ['user', 'user'],
  ['email', 'user'],
  ['username', 'user'],
  ['course', 'courseKey'],
  ['course_key', 'courseKey'],
  ['course_id', 'courseKey'],
  ['run', 'courseKey'],
  ['mode', 'mode'],
]);

/** `portico bulk-enroll`: the operation of the graph's `bulkEnroll`, with the rows of a file; shows only, until it is told to commit. */
export async function bulkEnroll(path: string, { unenroll, force, commit, json }: BulkEnrollOptions): Promise<void> {
  await using opened = await openContext();
  const { operations } = opened.context.services;
  using progress = createProgress('rows done');
  const { id } = await operations.begin(
    'BULK_ENROLL',
    { action: unenroll ? 'UNENROLL' : 'ENROLL', isDryRun: !commit, ...(force && { force }) },
    systemActor,
    { pages: readPages(path) },
  );
  const ended = await operations.follow(id, { onProgress: (operation) => progress.report(operation) });
  const rows = await readAllRows(operations, id);
  printAnswer(
    json,
    { operationId: id, state: ended.state, dryRun: !commit, done: ended.done, failed: ended.failed, rows },
    [
      ...rows.map(({ number, key, outcome, reason }) => `line ${number}  ${key}  ${outcome}  ${reason ?? ''}`),
      `${countOf(ended.done, 'row')}, ${ended.failed} failed.`,
      ...(commit ? [] : ['Nothing was changed: say --commit to do it.']),
    ],
  );
  if (ended.state !== 'SUCCEEDED') process.exitCode = 1;
}

/** @throws {@link InvalidInputError} when it is no CSV file with the columns that it needs */
async function* readPages(path: string): AsyncGenerator<PlannedRow[]> {
  const parser = parse({
    bom: true,
    trim: true,
    info: true,
    skip_empty_lines: true,
    relax_column_count: true,
    max_record_size: longestLine,
    columns: readHeader,
  });
  const file = createReadStream(path).on('error', (error) => parser.destroy(error));
  let page: PlannedRow[] = [];
  try {
    const lines: AsyncIterable<{ info: { lines: number }; record: Record<string, string | undefined> }> =
      file.pipe(parser);
    for await (const { info, record } of lines) {
      const { user = '', courseKey = '', mode = '' } = record;
      page.push({ number: info.lines, key: `${user} ${courseKey}`.trim(), input: { user, courseKey, mode } });
      if (page.length < pageSize) continue;
      yield page;
      page = [];
    }
  } catch (error) {
    if (error instanceof InvalidInputError) throw error;
    const problem = error instanceof CsvError ? 'is not a CSV file as expected' : 'cannot be read';
    throw new InvalidInputError(`${path} ${problem}: ${error instanceof Error ? error.message : error}`);
  }
  if (page.length > 0) yield page;
}

function readHeader(header: string[]): (string | false)[] {
  const known = header.map((name) => columns.get(name.trim().toLowerCase()) ?? false);
  for (const [column, names] of [
    ['user', 'user, email or username'],
    ['courseKey', 'course, course_key, course_id or run'],
  ])
    if (known.filter((name) => name === column).length !== 1)
      throw new InvalidInputError(`The first line must name one column ${names}.`);
  return known;
}
