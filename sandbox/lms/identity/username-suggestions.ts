import { randomInt } from 'node:crypto';
import type { LmsState } from '../state.js';

/** Up to three free usernames like a taken one: lower case without separators, then a number of 1, 2 and 3 digits. */
export function suggestForUsername(state: LmsState, username: string): string[] {
  if (!/^\p{ASCII}+$/u.test(username)) return [];
  const base = username.toLowerCase().replace(/[_-]/g, '').slice(0, 24);
  return base === '' ? [] : numbered(state, base);
}

/** Suggestions for a full name: run together, initial and last word, then numbered. */
export function suggestForName(state: LmsState, name: string): string[] {
  const words = name
    .toLowerCase()
    .replace(/[^a-z0-9 ]/g, '')
    .split(' ')
    .filter((word) => word !== '');
  const [first, last] = [words[0], words.at(-1)];
  if (first === undefined || last === undefined) return [];
  const plain = [words.join('').slice(0, 30), `${first.slice(0, 1)}-${last}`.slice(0, 30)].filter(
    (each) => each.length >= 2 && state.user(each) === undefined,
  );
  return [...new Set([...plain, ...numbered(state, first.slice(0, 24))])].slice(0, 3);
}

function numbered(state: LmsState, base: string): string[] {
  const found: string[] = [];
  for (const digits of [1, 2, 3, 4, 5]) {
    const candidate = `${base}_${randomInt(digits === 1 ? 1 : 10 ** (digits - 1), 10 ** digits)}`;
    if (state.user(candidate) === undefined) found.push(candidate);
    if (found.length === 3) break;
  }
  return found;
}
