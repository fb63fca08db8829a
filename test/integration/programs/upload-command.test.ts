import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCommand } from '../../support/run-command.js';
import { type Gateway, startGateway } from '../../support/start-gateway.js';
import { addTestProgram, type TestProgram } from './program-site.js';

let gateway: Gateway;
let school: TestProgram;
let folder: string;
beforeAll(async () => {
  gateway = await startGateway({ sandbox: 'demo' });
  school = await addTestProgram(gateway);
  folder = await mkdtemp(join(tmpdir(), 'portico-upload-'));
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const upload = (...args: string[]) =>
  runCommand(['upload-program-enrollments', school.program.key, ...args], {
    DATABASE_URL: gateway.context.config.database.url,
    OPENEDX_API_BASE_URL: gateway.sandbox.lmsUrl,
    DISCOVERY_API_BASE_URL: gateway.sandbox.discoveryUrl,
  });

test('a file is looked through, then written, and every row that fails says why', async () => {
  const path = join(folder, 'autumn.csv');
  await writeFile(path, 'student_key,status\r\nc1,enrolled\r\nc2,nonsense\r\nc3,pending\r\n');
  const dry = await upload(path, '--dry-run');
  expect(dry.stdout).toContain('row 1  c1  OK  It would be added as enrolled.');
  expect(dry.stdout).toContain('3 rows, 1 failed.\nNothing was changed.');
  expect(school.inLms().size).toBe(0);

  const { status, stdout } = await upload(path, '--json');
  expect(status).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    program: school.program.key,
    state: 'PARTIAL',
    total: 3,
    done: 3,
    failed: 1,
    rows: [{ number: 2, key: 'c2', outcome: 'INVALID_STATUS', reason: expect.stringContaining('enrolled') }],
  });
  expect([...school.inLms()]).toEqual([
    ['c1', 'enrolled'],
    ['c3', 'pending'],
  ]);
}, 60_000);

test('a file that is not there is told in a line', async () => {
  const { status, stdout, stderr } = await upload(join(folder, 'none.csv'));
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toContain('none.csv cannot be read');
  expect(stderr).not.toContain('    at ');
}, 30_000);
