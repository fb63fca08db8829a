import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

const rows = [...(await readFile('docs/checklist.md', 'utf8')).matchAll(/^\| (\d+) \| (.+?) \| (.+) \|$/gm)].map(
  ([, number, feature = '', where = '']) => ({ number: Number(number), feature, where }),
);

test('every row of the checklist is there once, in order', () => {
  expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
});

test('every row names a test that begins with its number, or says why it does not apply', async () => {
  for (const { number, where } of rows) {
    const files = [...where.matchAll(/\]\(\.\.\/(test\/contract\/[\w-]+\.test\.ts)\)/g)].map(([, file = '']) => file);
    if (files.length === 0) {
      expect(where, `row ${number}`).toMatch(/^does not apply: \S/);
      continue;
    }
    for (const file of files)
      expect(await readFile(file, 'utf8'), `row ${number} in ${file}`).toMatch(
        new RegExp(`['"\`](?:\\d+, )*${number}(?:, \\d+)*: `),
      );
  }
});
