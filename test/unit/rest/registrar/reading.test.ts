import { describe, expect, test } from 'vitest';
import { readEnrollmentRows } from '../../../../src/rest/registrar/enrollment-rows.js';
import { negotiate } from '../../../../src/rest/registrar/negotiate.js';
import { pageOf } from '../../../../src/rest/registrar/page-number.js';
import { Refusal } from '../../../../src/rest/registrar/refusal.js';
import { answerOfWords, statusOfWords } from '../../../../src/rest/registrar/row-words.js';

/** What is refused: status and body. */
function refused(act: () => unknown): [status: number, body: unknown] {
  try {
    act();
  } catch (error) {
    if (error instanceof Refusal) return [error.status, error.body];
    throw error;
  }
  throw new Error('It was not refused.');
}

describe('rows of a write', () => {
  test.each<[why: string, body: unknown, text: string]>([
    ['an object', { student_key: '1', status: 'enrolled' }, 'expected request body type: List'],
    ['a string', 'abc', 'expected request body type: List'],
    ['null', null, 'expected request body type: List'],
    ['an item that is no object', ['abc'], 'expected items in request to be of type Dict'],
    ['an item that is null', [null], 'expected items in request to be of type Dict'],
    ['no key', [{ status: 'enrolled' }], 'expected request dicts to have string value for "student_key"'],
    [
      'a number as key',
      [{ student_key: 1, status: 'x' }],
      'expected request dicts to have string value for "student_key"',
    ],
    ['no status', [{ student_key: '1' }], 'expected request dicts to have string value for "status"'],
    [
      'the first fault of several',
      [{ student_key: '1' }, { status: 'x' }],
      'expected request dicts to have string value for "status"',
    ],
    [
      'a text as course_staff',
      [{ student_key: '1', status: 'active', course_staff: 'yes' }],
      'expected request dicts to have boolean value for "course_staff"',
    ],
  ])('%s is told', (_, body, text) => {
    expect(refused(() => readEnrollmentRows(body, true))).toEqual([400, [text]]);
  });

  test('the number of rows is judged before the rows', () => {
    const rows = Array.from({ length: 25 }, (_, index) => ({ student_key: `n${index}`, status: 'pending' }));
    expect(readEnrollmentRows(rows, false)).toHaveLength(25);
    expect(refused(() => readEnrollmentRows([...rows, 1], false))).toEqual([413, { detail: 'Enrollment limit 25' }]);
  });

  test('only what is known of a row is passed on', () => {
    const row = { student_key: ' x1', status: '', note: 'hello', curriculum_uuid: 'mine', course_staff: 'yes' };
    expect(readEnrollmentRows([row], false)).toEqual([{ studentKey: ' x1', status: '' }]);
    expect(readEnrollmentRows([{ ...row, course_staff: null }], true)).toEqual([
      { studentKey: ' x1', status: '', courseStaff: null },
    ]);
  });
});

test('rows are answered in the order of their keys, and as good, mixed or bad', () => {
  const words = new Map([
    ['zoë', 'enrolled'],
    ['a', 'conflict'],
    ['例', 'pending'],
  ]);
  expect(Object.keys(answerOfWords(words))).toEqual(['a', 'zoë', '例']);
  expect([words.values(), ['enrolled', 'inactive'], ['duplicated'], []].map((it) => statusOfWords(it))).toEqual([
    207, 200, 422, 422,
  ]);
});

describe('the form of an answer', () => {
  test.each([
    [undefined, undefined, 0],
    ['json', 'application/json', 0],
    ['', 'text/html,application/xhtml+xml;q=0.9', 0],
    [undefined, 'application/json; indent=2', 2],
    [undefined, 'application/json; indent=99', 8],
  ])('format %s, Accept %s: %i spaces', (format, accept, indent) => {
    expect(negotiate(format, accept)).toEqual({ indent });
  });

  test('an unknown format is told before an unknown type', () => {
    expect(refused(() => negotiate('csv', 'application/xml'))).toEqual([404, { detail: 'Not found.' }]);
    expect(refused(() => negotiate(undefined, 'application/xml'))).toEqual([
      406,
      { detail: 'Could not satisfy the request Accept header.' },
    ]);
  });
});

describe('pages by number', () => {
  const rows = ['a', 'b', 'c'];
  const at = (query: string) => new URL(`http://portico.test/api/v3/programs/${query}`);

  test('links lead to the neighbors and keep the other parameters', () => {
    expect(pageOf(rows, at('?page_size=2&user_has_perm=read_enrollments'))).toEqual({
      count: 3,
      next: 'http://portico.test/api/v3/programs/?page=2&page_size=2&user_has_perm=read_enrollments',
      previous: null,
      results: ['a', 'b'],
    });
    expect(pageOf(rows, at('?page=last&page_size=2'))).toEqual({
      count: 3,
      next: null,
      previous: 'http://portico.test/api/v3/programs/?page_size=2',
      results: ['c'],
    });
  });

  test.each(['?page_size=0', '?page_size=abc', '?page_size='])('%s means a hundred', (query) => {
    expect(pageOf(rows, at(query))).toMatchObject({ next: null, results: rows });
  });

  test.each(['?page=0', '?page=2', '?page=abc', '?page='])('%s is no page', (query) => {
    expect(refused(() => pageOf(rows, at(query)))).toEqual([404, { detail: 'Invalid page.' }]);
  });

  test('an empty list has one page', () => {
    expect(pageOf([], at(''))).toEqual({ count: 0, next: null, previous: null, results: [] });
    expect(refused(() => pageOf([], at('?page=2')))).toEqual([404, { detail: 'Invalid page.' }]);
  });
});
