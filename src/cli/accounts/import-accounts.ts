import { createReadStream, createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { CsvError, parse } from 'csv-parse';
import { stringify } from 'csv-stringify';
import { InvalidInputError } from '../../errors.js';
import type { ImportedRow } from '../../services/account-import/account-import.service.js';
import { type ImportColumn, type ImportRecord, importColumns } from '../../services/account-import/row.js';
import { openContext } from '../command-context.js';
import { printAnswer } from '../output.js';
import { createProgress } from '../progress.js';

export interface ImportAccountsOptions {
  dryRun: boolean;
  json: boolean;
  /** Path for a CSV of the lines that failed. */
  report?: string;
}

/** Failures that are shown; the report has them all. */
const shownFailures = 20;
/** In bytes; a line of accounts is far shorter, longer ones are another kind of file. */
const longestLine = 100_000;

/** `portico import-accounts`: takes over the accounts of another deployment from a CSV file. */
export async function importAccounts(path: string, { dryRun, json, report }: ImportAccountsOptions): Promise<void> {
  await using opened = await openContext();
  using progress = createProgress('lines read');
  const failures: ImportedRow[] = [];
  const written = report === undefined ? undefined : openReport(report);
  let done = 0;
  let failed = 0;
  const counts = await opened.context.services.accountImport.run(readLines(path), {
    isDryRun: dryRun,
    onRow: (row) => {
      done += 1;
      if (row.outcome === 'failed') {
        failed += 1;
        written?.add(row);
        if (failures.length < shownFailures) failures.push(row);
      }
      progress.report({ done, failed });
    },
  });
  await written?.close();
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

function openReport(path: string) {
  const csv = stringify({ header: true, columns: ['number', 'key', 'code', 'reason'], escape_formulas: true });
  const file = csv.pipe(createWriteStream(path));
  const isWritten = finished(file);
  isWritten.catch(() => {}); // told by close
  return {
    add: (row: ImportedRow) => csv.write(row),
    close: async () => {
      csv.end();
      await isWritten;
    },
  };
}

/** @throws {@link InvalidInputError} when it is no CSV file with the columns of an import */
async function* readLines(path: string): AsyncGenerator<{ number: number; record: ImportRecord }> {
  const parser = parse({
    bom: true,
    trim: true,
    info: true,
    skip_empty_lines: true,
    max_record_size: longestLine,
    columns: (header: string[]) => header.map(readColumn),
  });
  const file = createReadStream(path).on('error', (error) => parser.destroy(error));
  try {
    const lines: AsyncIterable<{ info: { lines: number }; record: ImportRecord }> = file.pipe(parser);
    for await (const { info, record } of lines) yield { number: info.lines, record };
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
