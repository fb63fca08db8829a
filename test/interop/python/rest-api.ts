import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, expect, test } from 'vitest';
import { DEMO_PROGRAMS } from '../../../sandbox/lms/demo-programs.js';
import { systemActor } from '../../../src/services/actor.js';
import { eventually } from '../../support/eventually.js';
import { startGraphSite } from '../../support/graph-site.js';
import { ReportFolderOfTest } from '../../support/report-folder.js';

/** A Python that has what `requirements.txt` names, as `.ci/run` makes one. */
const python = process.env.INTEROP_PYTHON;
if (!python) throw new Error('Set INTEROP_PYTHON to a Python with test/interop/python/requirements.txt installed.');

const reports = await ReportFolderOfTest.create();
const site = await startGraphSite({ worker: true, env: { PROGRAM_REPORTS_FOLDER: reports.path } });
afterAll(async () => {
  await site[Symbol.asyncDispose]();
  await reports[Symbol.asyncDispose]();
});

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
  await reports.add('DemoU', DEMO_PROGRAMS.masters.uuid, { 'report__2026-11-01.csv': 'a,b\n' });
  const root = await site.aPerson({ username: 'root', roles: ['ADMIN'] });
  const { token } = await site.caller(root, 'programs:read programs:write tpa:read user:read learning:write');
  const { code, output } = await fuzz(token, await theNames(token), await theReport(token));
  expect(code, output).toBe(0);
  // It went everywhere, and most of what it asked for is there.
  expect(output).toMatch(/Selected: (\d+)\/\1\s+Tested: \1\s/);
  expect(output).not.toContain('Missing test data');
}, 180_000);

/** Names of what is there, for the parts of paths: else nearly all that is asked for is not. */
async function theNames(token: string): Promise<Record<string, string>> {
  const program = `${site.url}/api/v1/programs/masters-in-computer-science`;
  const ask = async (address: string) =>
    (await fetch(address, { headers: { authorization: `Bearer ${token}` } })).json() as Promise<never>;
  const [{ course_id: courseId }]: [{ course_id: string }] = await ask(`${program}/courses`);
  const { job_id: jobId, job_url: jobUrl }: { job_id: string; job_url: string } = await ask(`${program}/enrollments`);
  const result = await eventually(
    'the file of the job',
    async () => ((await ask(jobUrl)) as { result: string | null }).result ?? undefined,
  );
  const { searchParams } = new URL(result);
  return {
    'path.program_key': 'masters-in-computer-science',
    'path.course_id': courseId,
    'path.job_id': jobId,
    'path.operation_id': jobId,
    'path.provider_id': 'oa2-ol-oauth2',
    'query.expires': searchParams.get('expires') ?? '',
    'query.signature': searchParams.get('signature') ?? '',
  };
}

/** The same for the file of a report, which is at an address that is signed by itself. */
async function theReport(token: string): Promise<Record<string, string>> {
  const address = `${site.url}/api/v1/programs/masters-in-computer-science/reports`;
  const answer = await fetch(address, { headers: { authorization: `Bearer ${token}` } });
  const [report] = (await answer.json()) as [{ download_url: string }];
  const { pathname, searchParams } = new URL(report.download_url);
  const [programId = '', name = ''] = pathname.split('/').slice(-2);
  return {
    'path.program_id': programId,
    'path.name': decodeURIComponent(name),
    'query.expires': searchParams.get('expires') ?? '',
    'query.signature': searchParams.get('signature') ?? '',
  };
}

/** Runs schemathesis: the same requests each time. */
async function fuzz(
  token: string,
  names: Record<string, string>,
  namesOfReport: Record<string, string>,
): Promise<{ code: number | null; output: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'portico-schemathesis-'));
  const config = join(folder, 'schemathesis.toml');
  const linesOf = (values: Record<string, string>) =>
    Object.entries(values).map(([name, value]) => `${JSON.stringify(name)} = ${JSON.stringify(value)}`);
  const ofReport = ['[[operations]]', 'include-path = "/api/program-reports/{program_id}/{name}"'];
  await writeFile(
    config,
    ['[parameters]', ...linesOf(names), ...ofReport, `parameters = { ${linesOf(namesOfReport).join(', ')} }`, ''].join(
      '\n',
    ),
  );
  const options = ['--phases=examples,coverage,fuzzing', '--max-examples=3', '--generation-deterministic'];
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
