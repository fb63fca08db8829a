import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { systemActor } from '../../../src/services/actor.js';
import { startGraphSite } from '../../support/graph-site.js';

/** A Python that has what `requirements.txt` names, as `.ci/run` makes one. */
const python = process.env.INTEROP_PYTHON;
if (!python) throw new Error('Set INTEROP_PYTHON to a Python with test/interop/python/requirements.txt installed.');

const site = await startGraphSite();
afterAll(() => site[Symbol.asyncDispose]());

/** What each answer has to be, whatever was asked. */
const checks = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
];

test('whatever is asked, by the document or against it, the REST API answers as its document says', async () => {
  const { programs } = site.gateway.context.services;
  const { undecided } = await programs.sync({ purpose: 'schedule' });
  for (const { uuid, key } of undecided) await programs.link({ key, uuid, organizationKey: 'DemoU' }, systemActor);
  const root = await site.aPerson({ username: 'root', roles: ['ADMIN'] });
  const { token } = await site.caller(root, 'programs:read programs:write tpa:read user:read learning:write');
  const { code, output } = await fuzz(token);
  expect(code, output).toBe(0);
  // It went to all addresses, and found something at them.
  expect(output).toMatch(/[1-9]\d* generated/);
}, 180_000);

/** Runs schemathesis: the same requests each time. */
async function fuzz(token: string): Promise<{ code: number | null; output: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'portico-schemathesis-'));
  const config = fileURLToPath(new URL('schemathesis.toml', import.meta.url));
  const options = ['--phases=examples,coverage,fuzzing', '--max-examples=15', '--seed=7', '--generation-deterministic'];
  const output = ['--no-color', '--no-shrink', '--continue-on-failure'];
  const child = spawn(
    join(dirname(python ?? ''), 'st'),
    [
      `--config-file=${config}`,
      'run',
      `${site.url}/api/openapi.json`,
      `--header=Authorization: Bearer ${token}`,
      `--checks=${checks.join(',')}`,
      ...options,
      ...output,
    ],
    { cwd: folder, env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' } },
  );
  const ended = new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  await rm(folder, { recursive: true });
  return { code, output: out + err };
}
