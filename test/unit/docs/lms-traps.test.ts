import { access, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

const rows = [...(await readFile('docs/lms-traps.md', 'utf8')).matchAll(/^\| (\d+) \| (.+?) \| (.+) \|$/gm)].map(
  ([, number, what = '', where = '']) => ({ number: Number(number), what, where }),
);

test('every trap is there once, in order', () => {
  expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 37 }, (_, index) => index + 1));
});

test('every trap names a test that begins with its number, or says why it does not concern a reader', async () => {
  for (const { number, where } of rows) {
    const files = [...where.matchAll(/\]\(\.\.\/(test\/[\w/-]+\.test\.ts)\)/g)].map(([, file = '']) => file);
    for (const file of files) await access(file);
    if (where.startsWith('does not concern a reader: ')) continue;
    expect(files, `trap ${number}`).not.toEqual([]);
    for (const file of files)
      expect(await readFile(file, 'utf8'), `trap ${number} in ${file}`).toMatch(
        new RegExp(`'traps? (?:\\d+, )*${number}(?:, \\d+)*: `),
      );
  }
});
