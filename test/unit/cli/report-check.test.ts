import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkReports } from '../../../src/cli/doctor/report-check.js';
import { ReportFolderOfTest } from '../../support/report-folder.js';

let folder: ReportFolderOfTest;
beforeAll(async () => {
  folder = await ReportFolderOfTest.create();
});
afterAll(() => folder[Symbol.asyncDispose]());

test('the doctor sees whether reports are where they should be', async () => {
  expect(await checkReports(folder.path)).toMatchObject({
    status: 'failed',
    detail: expect.stringContaining('ENOENT'),
    advice: expect.stringContaining(`PROGRAM_REPORTS_FOLDER (${folder.path})`),
  });
  await folder.add('DemoU', '6f1d0c8e-5b3a-4f8e-9a7d-2c4b1e0f9a8d', { 'grades__2026-11-25.csv': '' });
  expect(await checkReports(folder.path)).toEqual({
    name: 'reports',
    status: 'ok',
    detail: `${folder.path}/reports_v2 has reports of 1 organization`,
  });
});
