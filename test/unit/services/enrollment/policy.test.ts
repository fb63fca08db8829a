import { expect, test } from 'vitest';
import { expandRoles } from '../../../../src/access/viewer.js';
import { ForbiddenError } from '../../../../src/errors.js';
import { systemActor } from '../../../../src/services/actor.js';
import { decideForce, type EnrollmentPolicy, modesToTry } from '../../../../src/services/enrollment/policy.js';

const policy: EnrollmentPolicy = {
  freeModes: ['audit', 'honor'],
  modeFallbacks: new Map([['verified', ['honor', 'audit']]]),
  force: 'staff',
};
const learner = { accountId: 'a', roles: expandRoles([]) };
const staff = { accountId: 's', roles: expandRoles(['STAFF']) };
const machine = { accountId: null, clientId: 'campus', roles: expandRoles([]) };

test.each([
  ['a learner', learner],
  ['a client without an account', machine],
])('%s chooses free modes, and neither others nor force', (_who, actor) => {
  expect(decideForce(policy, actor, { mode: 'honor' })).toBe(false);
  expect(() => decideForce(policy, actor, { mode: 'verified' })).toThrow(ForbiddenError);
  expect(() => decideForce(policy, actor, { force: true })).toThrow(ForbiddenError);
});

test.each([
  ['staff', staff],
  ['Portico itself', systemActor],
])('%s may give any mode, and force', (_who, actor) => {
  expect(decideForce(policy, actor, { mode: 'verified' })).toBe(false);
  expect(decideForce(policy, actor, { mode: 'verified', force: true })).toBe(true);
});

test('a school may force every enrollment, or none', () => {
  expect(decideForce({ ...policy, force: 'always' }, learner, { mode: 'audit' })).toBe(true);
  expect(() => decideForce({ ...policy, force: 'always' }, learner, { mode: 'verified' })).toThrow(ForbiddenError);
  expect(() => decideForce({ ...policy, force: 'never' }, staff, { force: true })).toThrow(ForbiddenError);
});

test('the fall-backs of a mode are tried after it, in their order', () => {
  expect(modesToTry(policy, 'verified')).toEqual(['verified', 'honor', 'audit']);
  expect(modesToTry(policy, 'audit')).toEqual(['audit']);
  expect(modesToTry(policy, undefined)).toEqual([undefined]);
});
