import { spawn } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { exportJWK, exportPKCS8, generateKeyPair } from 'jose';
import { afterAll, expect, test } from 'vitest';
import { renderPlugin } from '../../../src/cli/tutor/plugin-file.js';
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
  ['tutor_plugin', 'the_plugin_is_python_with_the_settings_it_was_written_with'],
  ['tutor_plugin', 'tutor_renders_what_the_lms_is_set_to'],
  ['tutor_plugin', 'tutor_builds_the_backend_into_the_image_once'],
  ['tutor_plugin', 'the_init_tasks_are_shell_and_python_and_change_the_provider_only_when_needed'],
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
    tutorPlugin: await aTutorPlugin(),
  };
}

/** As `portico configure-instance --tutor-plugin` writes it. */
async function aTutorPlugin() {
  const values = {
    PUBLIC_URL: 'http://localhost:8053',
    INTERNAL_URL: 'http://172.18.0.1:8053',
    SITE_NAME: 'The “Portico” of a school, "quoted"',
    BACKEND: 'ol-oauth2',
    LMS_CLIENT_ID: 'edx-oauth-app',
    LMS_CLIENT_SECRET: 'secret-of-the-lms',
    API_CLIENT_ID: 'portico-api',
    API_CLIENT_SECRET: 'secret-of-the-api-client',
    WORKER_USERNAME: 'portico_worker',
    WORKER_CLIENT_ID: 'portico-worker',
    WORKER_CLIENT_SECRET: 'secret-of-the-worker',
  };
  const path = join(await mkdtemp(join(tmpdir(), 'portico-tutor-')), 'portico.py');
  const source = fileURLToPath(new URL('../../../src/cli/tutor/portico.py', import.meta.url));
  await writeFile(path, await renderPlugin(values, source));
  return { path, values };
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
