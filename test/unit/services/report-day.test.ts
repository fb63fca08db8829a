import { expect, test } from 'vitest';
import { dayOfReport, readDay } from '../../../src/services/program-report/report-day.js';

test.each([
  ['2019-12-12', '2019-12-12'],
  ['2020-2-29', '2020-02-29'],
  ['2021-1-5', '2021-01-05'],
  ['2019-2-29', undefined],
  ['2019-13-40', undefined],
  ['2019-0-10', undefined],
  ['20-1-2', undefined],
  ['0000-01-01', undefined],
  ['0099-01-01', '0099-01-01'],
  ['2019-12-12T00:00:00Z', undefined],
  [' 2019-12-12', undefined],
  ['yesterday', undefined],
  ['', undefined],
])('%j is the day %j', (text, day) => expect(readDay(text)).toBe(day));

test.each([
  ['individual__2019-12-11.txt', '2019-12-11'],
  ['a__b__2020-02-29', '2020-02-29'],
  ['single__2021-1-5.csv', '2021-01-05'],
  ['archive__2021-1-5.tar.gz', '2021-01-05'],
  ['no-date.txt', undefined],
  ['bad__2019-13-40.txt', undefined],
  ['short__20-1-2.txt', undefined],
  // The last one counts, as it does there.
  ['a__2019-12-11__b__1-2-3.csv', undefined],
  ['a_2019-12-11.csv', undefined],
])('a file named %j is of the day %j', (name, day) => expect(dayOfReport(name)).toBe(day));
