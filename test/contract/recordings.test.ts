import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { compareJson, type JsonComparison } from './recordings/compare-json.js';
import { Elisions } from './recordings/elisions.js';
import { fullTarget } from './recordings/full-requests.js';
import { parseRecording } from './recordings/parse-recording.js';
import { TRANSCRIPTS } from './recordings/recorded-lms.js';
import { parseShortenedJson } from './recordings/shortened-json.js';

function differences(recorded: string, actual: unknown, changes: Partial<JsonComparison> = {}): string[] {
  return compareJson(parseShortenedJson(recorded), actual, {
    elisions: new Elisions(),
    seen: new Map(),
    showsSelectedKeys: false,
    valuesOfTheDay: [],
    ...changes,
  });
}

describe('reading recordings', () => {
  test('every fenced block becomes one exchange, or one half of a call to the provider', () => {
    const names = readdirSync(TRANSCRIPTS).filter((name) => /^[a-z]\d?-.*\.md$/.test(name));
    for (const name of names) {
      const markdown = readFileSync(new URL(name, TRANSCRIPTS), 'utf8');
      const exchanges = parseRecording(name, markdown);
      const halves = exchanges.flatMap(({ providerCalls }) => providerCalls).length * 2;
      expect(exchanges.length + halves).toBe(markdown.match(/^```http$/gm)?.length);
      expect(exchanges.filter(({ answer }) => !(answer.status >= 200 && answer.status < 600))).toEqual([]);
    }
  });

  test('a shortened list of names is written out to the length that was noted', () => {
    const shortened = (length: number): string => `/x?username=learner001,……<path of ${length} chars>…003&page_size=9`;
    expect(() => fullTarget(shortened(20))).toThrow();
    const target = fullTarget('/x?username=learner001,……<path of 56 chars>…learner002,learner003&page_size=9');
    expect(target).toBe('/x?username=learner001,learner002,learner003&page_size=9');
  });
});

describe('comparing answers', () => {
  test('the same JSON does not differ, in whatever order its keys are', () => {
    expect(differences('{"a": 1, "b": [true, null, "x"]}', { b: [true, null, 'x'], a: 1 })).toEqual([]);
  });

  test.each([
    ['a missing key', '{"a": 1, "b": 2}', { a: 1 }],
    ['an unrecorded key', '{"a": 1}', { a: 1, b: 2 }],
    ['another type', '{"a": 1}', { a: '1' }],
    ['another value', '{"a": 0.29}', { a: 0.3 }],
    ['null for a value', '{"a": "x"}', { a: null }],
    ['a row too few', '[{"a": 1}, {"a": 2}]', [{ a: 1 }]],
    ['a row too many', '[{"a": 1}]', [{ a: 1 }, { a: 2 }]],
    ['another number of rows than noted', '[{"a": 1}, "<3 rows in all>"]', [{ a: 1 }, { a: 2 }]],
    ['a left out row of another form', '[{"a": 1}, "<2 rows in all>"]', [{ a: 1 }, { b: 2 }]],
    ['a link to another page', '"http://h/x?cursor=abc&page_size=2"', 'http://h/x?cursor=abc&page_size=3'],
    ['a date in another form', '"2026-11-23T04:59:05.690835Z"', '2026-11-23 04:59:05'],
    ['a token of another length', '"BkvVIi…<Bearer token, 30 chars>"', 'short'],
  ])('%s is noticed', (_, recorded, actual) => {
    expect(differences(recorded, actual)).not.toEqual([]);
  });

  test('what the editor cut off is not asked for, and what stands before the cut is', () => {
    const cut = '{"a": 1, "b": [{"c": "x"}, {"c": "he\n…<cut here by the editor; 900 bytes in all>';
    expect(differences(cut, { a: 1, b: [{ c: 'x' }, { c: 'hello' }, { c: 'more' }], d: true })).toEqual([]);
    expect(differences(cut, { a: 2, b: [{ c: 'x' }, {}] })).toEqual(['$.a: 1 is recorded, not 2']);
  });

  test('a shortened token is learned from the answer and put into later requests', () => {
    const elisions = new Elisions();
    const token = 'x'.repeat(30);
    expect(
      differences('{"access_token": "eR2tDu…<access token, 30 chars>"}', { access_token: token }, { elisions }),
    ).toEqual([]);
    expect(elisions.fill('Bearer eR2tDu…<access token, 30 chars>')).toBe(`Bearer ${token}`);
    expect(() => elisions.fill('Bearer other…<token>')).toThrow();
  });
});
