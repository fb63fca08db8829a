import { readFile } from 'node:fs/promises';
import { reasonToLeaveOut } from '../../contract/registrar/left-out.js';
import { parseRegistrar, recordingNames } from '../../contract/registrar/parse-registrar.js';

const replayed = new Set(
  recordingNames()
    .flatMap(parseRegistrar)
    .filter(({ file, number }) => reasonToLeaveOut(file, number) === undefined)
    .map(({ file, number }) => `${file} ${number}`),
);

/**
 * Looks at a cell that says what a row is shown by: `[name of a test](its file)`, and recorded exchanges as `file number` or
 * `file first-last` in backticks.
 *
 * @returns how many things it names, and what of it is not there: a file without a test of the name, an exchange that is not replayed
 */
export async function lookAt(cell: string): Promise<{ named: number; missing: string[] }> {
  const missing: string[] = [];
  const tests = [...cell.matchAll(/\[([^\]]+)\]\(\.\.\/(test\/[\w/-]+\.test\.ts)\)/g)];
  for (const [, name = '', file = ''] of tests) {
    const text = await readFile(file, 'utf8').catch(() => '');
    // A name with an apostrophe stands between other quotes.
    if (!["'", '"', '`'].some((quote) => text.includes(`${quote}${name}${quote},`))) missing.push(`${file}: ${name}`);
  }
  const exchanges = [...cell.matchAll(/`([a-z-]+) (\d+)(?:-(\d+))?`/g)].flatMap(([, file = '', first, last = first]) =>
    Array.from({ length: Number(last) - Number(first) + 1 }, (_, index) => `${file} ${Number(first) + index}`),
  );
  missing.push(...exchanges.filter((id) => !replayed.has(id)));
  return { named: tests.length + exchanges.length, missing };
}
