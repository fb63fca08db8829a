import { describe, expect, test } from 'vitest';
import { decodeAnswer } from '../../../../src/datasources/upstream/answer.js';
import { PageGuard, readPageArgument } from '../../../../src/datasources/upstream/page-argument.js';
import { encodeCoursePath, queryBytes, queryString } from '../../../../src/datasources/upstream/query.js';
import { readRetryAfterSeconds } from '../../../../src/datasources/upstream/retry-after.js';

const now = new Date('2026-11-25T00:00:00Z');

describe('query strings', () => {
  test('a plus is encoded, commas between values and colons are not', () => {
    expect(queryString({ course_keys: ['course-v1:A+B+C', 'x,y'], page: 2, cursor: undefined })).toBe(
      '?course_keys=course-v1:A%2BB%2BC,x%2Cy&page=2',
    );
    expect(queryBytes('a+b')).toBe('a%2Bb'.length + 1);
    expect(queryString({})).toBe('');
  });

  test('an empty list is never sent, since the LMS would take it for "everything"', () => {
    expect(() => queryString({ username: [] })).toThrow('username has no values');
  });

  test('the slashes of deprecated course keys stay slashes', () => {
    expect(encodeCoursePath('MITx/6.00 x/2013')).toBe('MITx/6.00%20x/2013');
    expect(encodeCoursePath('course-v1:A+B+C')).toBe('course-v1:A%2BB%2BC');
    expect(encodeCoursePath('../x')).toBe('%2E%2E/x');
  });
});

describe('next links', () => {
  test('only the argument is taken, whatever host the link names', () => {
    expect(readPageArgument('lms', 'http://internal.example:8000/api/x/?cursor=cD0y%3D&page_size=2', 'cursor')).toBe(
      'cD0y=',
    );
    expect(readPageArgument('lms', '/api/x?page=3', 'page')).toBe('3');
    expect(readPageArgument('lms', null, 'cursor')).toBeUndefined();
  });

  test('a link without the argument is a bad answer', () => {
    expect(() => readPageArgument('lms', 'http://lms.example/api/x/', 'cursor')).toThrow(
      expect.objectContaining({ why: 'bad-answer' }),
    );
  });

  test('a list that comes back to a page it had, or never ends, is given up', () => {
    const guard = new PageGuard('lms', 3);
    for (const cursor of ['a', 'b']) expect(guard.follow(cursor)).toBe(cursor);
    expect(() => guard.follow('a')).toThrow(expect.objectContaining({ why: 'bad-answer' }));
    guard.follow('c');
    expect(() => guard.follow('d')).toThrow(expect.objectContaining({ why: 'bad-answer' }));
  });
});

describe('how long to wait', () => {
  test('the header counts, as seconds or as a date; else the number in the text; else a minute', () => {
    expect(readRetryAfterSeconds('55', '', now)).toBe(55);
    expect(readRetryAfterSeconds('Wed, 25 Nov 2026 00:00:30 GMT', '', now)).toBe(30);
    const text = '{"developer_message": "Request was throttled. Expected available in 1 second."}';
    expect(readRetryAfterSeconds(undefined, text, now)).toBe(1);
    expect(readRetryAfterSeconds(undefined, '{"developer_message": "Request was throttled."}', now)).toBe(60);
    expect(readRetryAfterSeconds('0', '', now)).toBe(1);
  });
});

describe('answers', () => {
  const decode = (status: number, text: string, headers: Record<string, string> = {}, isWrite = false) =>
    decodeAnswer('lms', { status, text, headers }, { isWrite, now });
  const json = { 'content-type': 'application/json; charset=utf-8' };
  const html = { 'content-type': 'text/html; charset=utf-8' };
  const thrown = (run: () => unknown) => {
    try {
      return run();
    } catch (error) {
      return error;
    }
  };

  test('JSON is parsed by its content type, also of refusals; an empty body is nothing', () => {
    expect(decode(200, '[1]', json)).toMatchObject({ status: 200, body: [1], isJson: true });
    expect(decode(200, '')).toMatchObject({ body: undefined, isJson: false });
    expect(decode(404, '<html>', html)).toMatchObject({ status: 404, body: undefined, isJson: false });
  });

  test.each([
    ['an HTML success', 200, '<html>', html, 'bad-answer'],
    ['broken JSON', 200, '{"a":', json, 'bad-answer'],
    ['a redirect', 301, '', {}, 'bad-answer'],
    ['an HTML 500', 500, '<html>', html, 'server-error'],
    ['a throttle', 429, '', { 'retry-after': '7' }, 'throttled'],
    ['a request timeout', 408, '', {}, 'timeout'],
  ] as const)('%s is a state of the upstream, not an answer', (_name, status, text, headers, why) => {
    expect(thrown(() => decode(status, text, headers))).toMatchObject({ why, status, mayHaveHappened: false });
  });

  test('a write may have happened behind a 500 or an unreadable success, not behind a throttle', () => {
    expect(thrown(() => decode(500, '', html, true))).toMatchObject({ mayHaveHappened: true });
    expect(thrown(() => decode(200, '{', json, true))).toMatchObject({ mayHaveHappened: true });
    expect(thrown(() => decode(429, '', {}, true))).toMatchObject({ mayHaveHappened: false, retryAfterSeconds: 60 });
  });
});
