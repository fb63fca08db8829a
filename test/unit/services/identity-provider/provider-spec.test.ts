import { expect, test } from 'vitest';
import { InvalidInputError } from '../../../../src/errors.js';
import {
  type IdentityProviderSpec,
  requireProviderSpec,
} from '../../../../src/services/identity-provider/provider-spec.js';

const spec: IdentityProviderSpec = {
  slug: 'school',
  organizationKey: 'School',
  kind: 'OIDC',
  label: 'School',
  issuer: 'https://login.school.example.edu',
  clientId: 'portico',
  keyClaim: 'student_key',
};

function fieldOf(change: Partial<IdentityProviderSpec>, mayBeLoopback = false): string | undefined {
  try {
    requireProviderSpec({ ...spec, ...change }, mayBeLoopback);
    return undefined;
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    return error.field[0];
  }
}

test('a provider as it should be is taken', () => {
  expect(fieldOf({})).toBeUndefined();
});

test.each<[string, Partial<IdentityProviderSpec>]>([
  ['slug', { slug: 'School' }],
  ['slug', { slug: 'new' }],
  ['slug', { slug: '../x' }],
  ['label', { label: ' ' }],
  ['issuer', { issuer: 'http://login.school.example.edu' }],
  ['issuer', { issuer: 'https://user:secret@login.school.example.edu' }],
  ['issuer', { issuer: 'no address' }],
  ['issuer', { issuer: 'http://localhost:9' }],
  ['clientId', { clientId: undefined }],
  ['scopes', { scopes: ['profile'] }],
  ['keyClaim', { keyClaim: '' }],
  ['ssoUrl', { kind: 'SAML', ssoUrl: 'http://login.school.example.edu' }],
  ['certificates', { kind: 'SAML', ssoUrl: 'https://login.school.example.edu', certificates: ['none'] }],
])('what is wrong with its %s is said', (field, change) => {
  expect(fieldOf(change)).toBe(field);
});

test('on this machine, and by plain http, only for trying out', () => {
  expect(fieldOf({ issuer: 'http://localhost:18900' }, true)).toBeUndefined();
  expect(fieldOf({ issuer: 'http://login.school.example.edu' }, true)).toBe('issuer');
});
