import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { PassThrough, type Writable } from 'node:stream';
import { type GradeFormat, writeGrades } from '../../services/grade/write-grades.js';
import { openContext } from '../command-context.js';
import { countOf, printAnswer } from '../output.js';
import { createProgress } from '../progress.js';

export interface ExportGradesOptions {
  run: string[];
  output?: string;
  format?: GradeFormat;
  stored: boolean;
  json: boolean;
}

/** `portico export-grades`: pulls the grades of the LMS and writes them, to a file or to standard output. */
export async function exportGrades({ run, output, stored, json, ...options }: ExportGradesOptions): Promise<void> {
  const format = options.format ?? (json && output === undefined ? 'jsonl' : 'csv');
  await using opened = await openContext();
  using progress = createProgress('grades written');
  const { grades } = opened.context.services;
  const courseKeys = run.length > 0 ? { courseKeys: run } : {};
  const report = stored ? undefined : await grades.sync({ ...courseKeys, withCertificates: true });
  let written = 0;
  const onRow = () => {
    written += 1;
    progress.report({ done: written });
  };
  const write = (out: Writable) => writeGrades(grades.read(courseKeys), out, { format, onRow });
  if (output === undefined) await write(toStandardOutput());
  else await writeWhole(output, write);
  const failed = report ? report.failed + report.failedRuns + report.missingRuns : 0;
  if (output !== undefined)
    printAnswer(json, { written, failed, output }, [`${countOf(written, 'grade')} written to ${output}`]);
  if (failed > 0 || (!stored && !report)) {
    process.stderr.write(
      'Not all grades could be had from the LMS: some may be as old as as_of says. See sync-grades.\n',
    );
    process.exitCode = 1;
  }
}

/** Whoever finds the file finds all of it. */
async function writeWhole(path: string, write: (out: Writable) => Promise<void>): Promise<void> {
  const part = `${path}.part`;
  try {
    await write(createWriteStream(part, { mode: 0o600 }));
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

/** Standard output itself must not be ended. */
function toStandardOutput(): Writable {
  const through = new PassThrough();
  through.pipe(process.stdout, { end: false });
  return through;
}
