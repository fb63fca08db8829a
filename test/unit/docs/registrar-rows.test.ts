import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { lookAt } from './shown-by.js';

const rows = [
  ...(await readFile('docs/registrar-rows.md', 'utf8')).matchAll(/^\| (1\.\d+) row (\d+) \| (.+?) \| (.+) \|$/gm),
].map(([, section = '', number, what = '', shown = '']) => ({ section, number: Number(number), what, shown }));

test('the sections are there in order, and the rows of each', () => {
  const sections = Map.groupBy(rows, ({ section }) => section);
  expect([...sections.keys()]).toEqual(Array.from({ length: 11 }, (_, index) => `1.${index + 1}`));
  for (const [section, ofIt] of sections)
    expect(
      ofIt.map(({ number }) => number),
      section,
    ).toEqual(ofIt.map((_, index) => index + 1));
});

test.each(rows)(
  '$section row $number ($what) is shown by what is there, or says why there is nothing',
  async ({ shown }) => {
    const { named, missing } = await lookAt(shown);
    expect(missing).toEqual([]);
    if (named === 0) expect(shown).toMatch(/^not there: \S/);
  },
);
