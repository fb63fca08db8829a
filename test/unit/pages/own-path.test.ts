import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseOwnPath } from '../../../src/pages/own-path.js';

const publicUrl = 'https://portico.example.edu';

test.each([
  ['/account', '/account'],
  ['/oauth2/authorize/?client_id=a&state=b%20c', '/oauth2/authorize/?client_id=a&state=b%20c'],
  ['https://portico.example.edu/account?x', '/account?x'],
  ['account', '/account'],
  ['', '/'],
])('%j leads to %j', (next, path) => {
  expect(parseOwnPath(next, publicUrl)).toBe(path);
});

test.each([
  'https://evil.example/',
  'http://portico.example.edu/',
  'https://portico.example.edu.evil.example/',
  'https://portico.example.edu@evil.example/',
  'https://portico.example.edu:8443/',
  '//evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '/\t/evil.example',
  'https://portico.example.edu//evil.example',
  'https://portico.example.edu/.//evil.example',
  'javascript:alert(1)',
  'data:text/html,x',
  `/${'a'.repeat(9_000)}`,
  undefined,
  ['/account'],
])('%j leads nowhere', (next) => {
  expect(parseOwnPath(next, publicUrl)).toBeUndefined();
});

test('whatever comes in, a browser that follows what comes out stays on the site', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '/',
      '\\',
      '//',
      ':',
      '@',
      '?',
      '#',
      '.',
      '..',
      '\t',
      '\n',
      ' ',
      'https:',
      'evil.example',
      '%2f',
      '%5c',
    ),
    fc.string({ maxLength: 3 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const path = parseOwnPath(pieces.join(''), publicUrl);
      if (path === undefined) return;
      expect(path.startsWith('/')).toBe(true);
      expect(new URL(path, publicUrl).origin).toBe(publicUrl);
      expect(path).not.toMatch(/[\r\n]/);
    }),
    { numRuns: 3_000, seed: 8053 },
  );
});
