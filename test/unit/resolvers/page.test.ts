import { expect, test } from 'vitest';
import { InvalidInputError } from '../../../src/errors.js';
import { parseGlobalId, readGlobalId, toGlobalId } from '../../../src/resolvers/global-id.js';
import { toConnection } from '../../../src/resolvers/page/connection.type.js';
import { pageOfList } from '../../../src/resolvers/page/page-of-list.js';
import { readPage, toCursor } from '../../../src/resolvers/page/read-page.js';

const id = (n: number) => `01938f0a-0000-7000-8000-00000000000${n}`;
const list = [1, 2, 3, 4, 5].map((n) => ({ id: id(n), n }));
const numbers = (page: { rows: { n: number }[] }) => page.rows.map((row) => row.n);

test('a page is 20 unless given, at most 200, and never both from the start and from the end', () => {
  expect(readPage({})).toEqual({ size: 20, fromEnd: false });
  expect(readPage({ first: 200 })).toMatchObject({ size: 200 });
  expect(readPage({ last: 3 })).toMatchObject({ size: 3, fromEnd: true });
  for (const args of [{ first: 201 }, { last: 201 }, { first: -1 }, { first: 1, last: 1 }, { after: 'nonsense' }])
    expect(() => readPage(args), JSON.stringify(args)).toThrow(InvalidInputError);
});

test('the pages of a list at hand follow each other from both ends', () => {
  const pages = (args: Parameters<typeof readPage>[0]) => pageOfList(list, readPage(args));
  expect(numbers(pages({ first: 2 }))).toEqual([1, 2]);
  expect(pages({ first: 2 })).toMatchObject({ hasPreviousPage: false, hasNextPage: true });
  expect(numbers(pages({ first: 9, after: toCursor(id(2)) }))).toEqual([3, 4, 5]);
  expect(pages({ first: 9, after: toCursor(id(2)) })).toMatchObject({ hasPreviousPage: true, hasNextPage: false });
  expect(numbers(pages({ last: 2 }))).toEqual([4, 5]);
  expect(numbers(pages({ last: 2, before: toCursor(id(4)) }))).toEqual([2, 3]);
  expect(pages({ last: 2, before: toCursor(id(4)) })).toMatchObject({ hasPreviousPage: true, hasNextPage: true });
  expect(numbers(pages({ first: 0 }))).toEqual([]);
  expect(() => pages({ after: toCursor(id(9)) })).toThrow(InvalidInputError);
});

test('the cursors of a connection lead to the neighbouring pages', async () => {
  const first = toConnection(pageOfList(list, readPage({ first: 2 })), (row) => row.n);
  const next = pageOfList(list, readPage({ first: 2, after: first.pageInfo.endCursor }));
  const back = pageOfList(list, readPage({ last: 2, before: toConnection(next, String).pageInfo.startCursor }));
  expect(first.nodes).toEqual([1, 2]);
  expect(numbers(next)).toEqual([3, 4]);
  expect(numbers(back)).toEqual([1, 2]);
  expect(await first.totalCount()).toBe(5);
});

test('a global id is opaque, and no other text passes for one', () => {
  const globalId = toGlobalId('Account', id(1));
  expect(globalId).not.toContain(id(1));
  expect(parseGlobalId(globalId)).toEqual({ type: 'Account', key: id(1) });
  expect(readGlobalId('Account', globalId, 'accountId')).toBe(id(1));
  for (const other of ['', 'x', `${globalId}=`, id(1), toGlobalId('', id(1))])
    expect(parseGlobalId(other)).toBeUndefined();
  for (const other of [toGlobalId('EdxLink', id(1)), toGlobalId('Account', "1' or 1"), 'x'])
    expect(() => readGlobalId('Account', other, 'accountId')).toThrow(InvalidInputError);
});
