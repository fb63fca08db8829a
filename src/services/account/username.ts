import type { EntityManager } from '@mikro-orm/postgresql';
import anyAscii from 'any-ascii';
import { InvalidInputError } from '../../errors.js';
import { lockUntilCommit } from '../../locks/transaction-lock.js';
import type { Wording } from '../../words/fill.js';

/** Bounds of a username in the LMS (`USERNAME_MIN_LENGTH`, `USERNAME_MAX_LENGTH`). */
export const usernameMinLength = 2;
export const usernameMaxLength = 30;

/** What the LMS gives to retired people: no new account may begin like this. */
const reservedPrefix = 'retired__user_';

/**
 * Derives a username from a person's name: letters only, transliterated to ASCII, words joined by hyphens, lower case; from
 * the local part of the e-mail address when the name leaves nothing. Deterministic; may be taken, see {@link reserveUsername}.
 *
 * @throws {@link InvalidInputError} `USERNAME_UNDERIVABLE` when neither holds a letter: the person must choose one
 */
export function deriveUsername(name: string, email: string): string {
  const stem = slugOf(name) || slugOf(email.slice(0, email.lastIndexOf('@')));
  if (!stem)
    throw new InvalidInputError('Choose a username: none can be made of this name and e-mail address.', {
      field: ['username'],
      reason: 'USERNAME_UNDERIVABLE',
    });
  const cut = stem.slice(0, usernameMaxLength).replace(/-+$/, '');
  return cut.length < usernameMinLength ? `${cut}11` : cut;
}

function slugOf(text: string): string {
  // Symbols go before transliteration, which would spell them out (an emoji becomes a word).
  const letters = text.normalize('NFC').replace(/[^\p{L}\p{M} _-]/gu, '');
  return anyAscii(letters)
    .toLowerCase()
    .replace(/[^a-z _-]/g, '')
    .replace(/[ _-]+/g, '-')
    .replace(/^-+|-+$/g, '');
}

/**
 * @returns what stands against a username, in words for the person, by the rules of the LMS; `undefined` when nothing does
 */
export function usernameProblem(username: string): Wording | undefined {
  if (username.length < usernameMinLength || username.length > usernameMaxLength)
    return {
      text: 'A username has {least} to {most} characters.',
      values: { least: usernameMinLength, most: usernameMaxLength },
    };
  if (!/^[A-Za-z0-9_-]+$/.test(username))
    return { text: 'A username holds only the letters A to Z, digits, underscores and hyphens.', values: {} };
  if (username.toLowerCase().startsWith(reservedPrefix)) return { text: 'This username is reserved.', values: {} };
  return undefined;
}

/** The `number`-th alternative to a username that is taken: cut so that the number fits. */
export function suffixUsername(base: string, number: number): string {
  const suffix = String(number);
  return `${base.slice(0, usernameMaxLength - suffix.length)}${suffix}`;
}

/**
 * Finds the first free username: `base`, or `base` with the smallest number that nobody has, here or as LMS username.
 * Registrations that want the same name queue up until the transaction ends, so that each takes another one.
 *
 * @param tx - inside the transaction that will insert the account
 */
export async function reserveUsername(tx: EntityManager, base: string): Promise<string> {
  await lockUntilCommit(tx, `username:${base.toLowerCase()}`);
  for (let first = 0, count = 20; ; first += count, count *= 4) {
    const candidates = Array.from({ length: count }, (_, index) =>
      first + index === 0 ? base : suffixUsername(base, first + index),
    );
    const taken = await takenUsernames(tx, candidates);
    const free = candidates.find((candidate) => !taken.has(candidate.toLowerCase()));
    if (free) return free;
  }
}

/** @returns which of these usernames an account has, or holds in the LMS; in lower case */
export async function takenUsernames(em: EntityManager, usernames: string[]): Promise<Set<string>> {
  const lowered = JSON.stringify(usernames.map((username) => username.toLowerCase()));
  const rows = await em.execute<{ taken: string }[]>(
    `with wanted as (select jsonb_array_elements_text(?::jsonb) as name)
     select wanted.name as taken from wanted
     where exists (select 1 from account where lower(username) = wanted.name)
        or exists (select 1 from edx_link where lower(edx_username) = wanted.name)`,
    [lowered],
  );
  return new Set(rows.map((row) => row.taken));
}
