import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { exportJWK, exportPKCS8, generateKeyPair } from 'jose';
import { afterAll, expect, test } from 'vitest';
import { callbackUrl, startProviderSite, testPassword } from '../../support/provider-site.js';

/** A Python that has what `requirements.txt` names, as `.ci/run` makes one. */
const python = process.env.INTEROP_PYTHON;
if (!python) throw new Error('Set INTEROP_PYTHON to a Python with test/interop/python/requirements.txt installed.');

const site = await startProviderSite();
afterAll(() => site[Symbol.asyncDispose]());
const facts = await theFacts();

test.each([
  ['social_auth', 'a_person_is_signed_in_and_the_second_time_nothing_is_asked'],
  ['social_auth', 'set_up_by_the_discovery_document'],
  ['social_auth', 'a_person_who_cancels_is_told_of_as_such'],
  ['authlib_client', 'a_person_signs_in_and_the_tokens_are_refreshed_introspected_and_revoked'],
  ['authlib_client', 'a_service_gets_a_token_by_each_way_of_telling_its_secret'],
  ['authlib_client', 'a_service_proves_itself_by_a_key'],
  ['requests_oauthlib_client', 'a_person_signs_in_and_an_expired_token_is_refreshed_by_itself'],
  ['requests_oauthlib_client', 'a_service_gets_a_token_of_its_own'],
])('%s.py: %s', async (script, name) => {
  const { code, output } = await run(script, name);
  expect(code, output).toBe(0);
});

/** Whom and what the scripts find at the site. */
async function theFacts() {
  const { id, username, email, name } = await site.anAccount();
  const redirectUri = 'http://lms.localhost:18000/auth/complete/ol-oauth2/';
  const lms = await site.aClient({
    name: 'edx-oauth-app',
    redirectUris: [redirectUri],
    scopes: ['user:read'],
    skipConsent: true,
    requirePkce: false,
    allowRedirectState: true,
  });
  const ownGrant = { grantTypes: ['CLIENT_CREDENTIALS' as const], ownerId: id, scopes: ['user:read'] };
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
  const keyed = await site.aClient({
    ...ownGrant,
    metadata: {
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [{ ...(await exportJWK(publicKey)), alg: 'RS256', use: 'sig' }] },
    },
  });
  return {
    site: site.url,
    username,
    email,
    name,
    lms: { ...lms, redirectUri },
    web: { ...(await site.aClient()), redirectUri: callbackUrl },
    service: await site.aClient(ownGrant),
    keyed: { clientId: keyed.clientId, privateKey: await exportPKCS8(privateKey) },
  };
}

async function run(script: string, name: string): Promise<{ code: number | null; output: string }> {
  const child = spawn(python ?? '', [`${script}.py`, name], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    env: {
      ...process.env,
      PORTICO_PASSWORD: testPassword,
      PYTHONDONTWRITEBYTECODE: '1',
      // The site of the tests speaks http, which these libraries take for a mistake.
      AUTHLIB_INSECURE_TRANSPORT: '1',
      OAUTHLIB_INSECURE_TRANSPORT: '1',
    },
  });
  child.stdin.end(JSON.stringify(facts));
  const ended = new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, output: out + err };
}
