import { expect, test } from 'vitest';
import { findDrift, type LmsSide } from '../../../../src/services/edx-link/drift.js';

const account = { email: 'Alice@example.org', name: 'Alice', profile: { country: 'gb', birthYear: 1990 } };
const link = { state: 'LINKED', edxUsername: 'alice_4', remoteId: 'alice' } as const;
const user = {
  username: 'alice_4',
  email: 'alice@example.org',
  name: 'Alice',
  isActive: true,
  country: 'GB',
  birthYear: 1990,
};
const mapping = { username: 'alice_4', remoteId: 'alice' };

test.each<[string, LmsSide, string[]]>([
  ['both agree', { user, mapping }, []],
  ['nothing is known', { user: undefined, mapping: undefined }, []],
  ['the LMS has another address', { user: { ...user, email: 'a@b.c' }, mapping }, ['EMAIL_DIFFERS']],
  ['the LMS has another name', { user: { ...user, name: 'Al' }, mapping }, ['NAME_DIFFERS']],
  ['the LMS has another country', { user: { ...user, country: 'US' }, mapping }, ['PROFILE_DIFFERS']],
  ['the LMS hides the year of birth', { user: { ...user, birthYear: null }, mapping }, []],
  ['the LMS hides name and address', { user: { ...user, name: null, email: null }, mapping }, []],
  ['the LMS user was renamed', { user: { ...user, username: 'al' }, mapping }, ['USERNAME_DIFFERS']],
  ['the tie is gone', { user, mapping: null }, ['UNLINKED']],
  ['the tie is somebody else’s', { user, mapping: { ...mapping, remoteId: 'bob' } }, ['UNLINKED']],
  ['the LMS user is gone', { user: null, mapping: null }, ['UNLINKED']],
  ['the LMS user is disabled', { user: { ...user, isActive: false }, mapping }, ['INACTIVE']],
])('%s', (_what, side, drifts) => {
  expect(findDrift(account, link, side)).toEqual(drifts);
});

test('a link that is not there yet cannot drift', () => {
  expect(findDrift(account, { ...link, state: 'PENDING' }, { user: null, mapping: null })).toEqual([]);
});
