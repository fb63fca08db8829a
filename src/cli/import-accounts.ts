import { createReadStream, createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { CsvError, parse } from 'csv-parse';
import { InvalidInputError } from '../errors.js';
import { type ImportedRow } from '../services/account-import/account-import.service.js';
import { type ImportColumn, type ImportRecord, importColumns } from '../services/account-import/row.js';
import { openContext } from './command-context.js';
import { printAnswer } from './output.js';
import { createProgress } from './progress.js';

export interface ImportAccountsOptions {
  dryRun: boolean;
  json: boolean;
  /** File for the lines that failed. */
  report?: string;
}

/** Failures that are shown; the report has them all. */
const shownFailures = 20;
/** A line of accounts is far shorter; longer ones are another kind of file. */
const longestLine = 100_000;

/** `portico import-accounts`: takes over the accounts of another deployment from a CSV file. */
export async function importAccounts(path: string, { dryRun, json, report }: ImportAccountsOptions): Promise<void> {
  await using opened = await openContext();
  const progress = createProgress(process.stderr);
  const failures: ImportedRow[] = [];
  const written = report === undefined ? undefined : createWriteStream(report);
  written?.write('line,key,code,reason\n');
  let done = 0;
  let failed = 0;
  const counts = await opened.context.services.accountImport.run(readLines(path), {
    isDryRun: dryRun,
    onRow: (row) => {
      done += 1;
      progress.report(`${done} lines, ${failed} failed`);
      if (row.outcome !== 'failed') return;
      failed += 1;
      written?.write(`${[row.number, row.key, row.code, row.reason].map(quote).join(',')}\n`);
      if (failures.length < shownFailures) failures.push(row);
    },
  });
  if (written) await finished(written.end());
  printAnswer(json, { dryRun, ...counts, failures }, [
    `${counts.created} ${dryRun ? 'would be created' : 'created'}, ${counts.unchanged} there already, ${counts.failed} failed.`,
    ...failures.map(({ number, key, code, reason }) => `line ${number}  ${key}  ${code}  ${reason}`),
    ...(counts.failed > failures.length
      ? [
          `… and ${counts.failed - failures.length} more${report ? `, in ${report}` : ': --report FILE keeps them all'}.`,
        ]
      : []),
    ...(dryRun ? ['Nothing was changed: this was a dry run.'] : []),
  ]);
  if (counts.failed > 0) process.exitCode = 1;
}

/** @throws {@link InvalidInputError} when it is no CSV file with the columns of an import */
async function* readLines(path: string): AsyncGenerator<{ number: number; record: ImportRecord }> {
  const parser = createReadStream(path).pipe(
    parse({
      bom: true,
      trim: true,
      info: true,
      skip_empty_lines: true,
      max_record_size: longestLine,
      columns: (header: string[]) => header.map(readColumn),
    }),
  );
  try {
    for await (const { info, record } of parser as AsyncIterable<{ info: { lines: number }; record: ImportRecord }>)
      yield { number: info.lines, record };
  } catch (error) {
    if (error instanceof InvalidInputError) throw error;
    const problem = error instanceof CsvError ? 'is not a CSV file as expected' : 'cannot be read';
    throw new InvalidInputError(`${path} ${problem}: ${error instanceof Error ? error.message : error}`);
  }
}

function readColumn(name: string): ImportColumn {
  const column = importColumns.find((known) => known === name.trim().toLowerCase());
  if (!column)
    throw new InvalidInputError(`There is no column “${name}”. An import has ${importColumns.join(', ')}.`, {
      reason: 'COLUMN_UNKNOWN',
    });
  return column;
}

function quote(value: unknown): string {
  return `"${String(value ?? '').replaceAll('"', '""')}"`;
}
