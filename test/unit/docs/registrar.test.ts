import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { lookAt } from './shown-by.js';

const [, defects = ''] = (await readFile('docs/registrar.md', 'utf8')).split('\n## Its defects\n');
const rows = [...defects.matchAll(/^\| (\d+) \| (.+?) \| (.+?) \| (.+) \|$/gm)].map(
  ([, number, what = '', answer = '', shown = '']) => ({ number: Number(number), what, answer, shown }),
);

test('every defect of Registrar is there, in order', () => {
  const numbers = rows.map(({ number }) => number);
  expect([...new Set(numbers)]).toEqual(Array.from({ length: 11 }, (_, index) => 41 + index));
  expect(numbers.toSorted((a, b) => a - b)).toEqual(numbers);
});

test.each(rows)(
  'defect $number ($what) names tests that are there, or recorded exchanges that are replayed',
  async ({ shown }) => {
    const { named, missing } = await lookAt(shown);
    expect(named).toBeGreaterThan(0);
    expect(missing).toEqual([]);
  },
);
