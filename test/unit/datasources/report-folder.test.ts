import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createReportFolder, type ReportFolder } from '../../../src/datasources/report-folder/report-folder.js';
import { FilesUnavailableError } from '../../../src/errors.js';
import { createLogger } from '../../../src/logger.js';
import { ReportFolderOfTest } from '../../support/report-folder.js';

const place = { organizationKey: 'HUMx', programUuid: '20000000-0000-4000-8000-000000000001' };
const otherProgram = { ...place, programUuid: '20000000-0000-4000-8000-000000000002' };
const logger = createLogger('silent');

let files: ReportFolderOfTest;
let folder: ReportFolder;
beforeAll(async () => {
  files = await ReportFolderOfTest.create();
  folder = createReportFolder({ path: files.path, logger });
});
afterAll(() => files[Symbol.asyncDispose]());

async function contentOf(name: string, at = place): Promise<string | null> {
  const opened = await folder.open(at, name);
  return opened && (await buffer(opened.content)).toString();
}

test('files are listed and opened, folders and links are not', async () => {
  const at = await files.add(place.organizationKey, place.programUuid, { 'a.csv': 'a,b', empty: '' });
  const secret = join(files.path, 'secret');
  await writeFile(secret, 'of somebody else');
  await mkdir(join(at, 'folder'));
  await symlink(secret, join(at, 'link'));
  await symlink('nowhere', join(at, 'dead-link'));
  expect((await folder.list(place)).sort()).toEqual(['a.csv', 'empty']);
  expect([await contentOf('a.csv'), await contentOf('empty'), await folder.sizeOf(place, 'a.csv')]).toEqual([
    'a,b',
    '',
    3,
  ]);
  for (const name of ['folder', 'link', 'dead-link', 'nothing', '', '.', '..', '../../../secret', `${at}/a.csv`, '\0'])
    expect([name, await contentOf(name), await folder.sizeOf(place, name)]).toEqual([name, null, null]);
});

test('keys that are no name of a folder lead nowhere', async () => {
  await files.add('..', 'x', { stray: 'stray' });
  for (const organizationKey of ['..', '.', '', '../..', 'HUMx/../HUMx', 'a\\b', 'a\0'])
    expect(await folder.list({ ...place, organizationKey })).toEqual([]);
});

test('without a folder for the program, or without any, there are no reports', async () => {
  expect(await folder.list(otherProgram)).toEqual([]);
  const none = createReportFolder({ path: undefined, logger });
  expect([await none.list(place), await none.sizeOf(place, 'a.csv'), await none.open(place, 'a.csv')]).toEqual([
    [],
    null,
    null,
  ]);
});

test('what cannot be read is told as an error that says whom to ask, and not where it is', async () => {
  const linked = { ...place, organizationKey: 'LINKx' };
  const notAFolder = { ...place, organizationKey: 'FILEx' };
  await symlink(join(files.path, 'reports_v2', 'HUMx'), join(files.path, 'reports_v2', 'LINKx'));
  await writeFile(join(files.path, 'reports_v2', 'FILEx'), '');
  const gone = createReportFolder({ path: join(files.path, 'unmounted'), logger });
  for (const read of [
    () => folder.list(linked),
    () => folder.open(linked, 'a.csv'),
    () => folder.list(notAFolder),
    () => gone.list(place),
  ]) {
    const error = await read().then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(FilesUnavailableError);
    expect(String(error)).toContain('PROGRAM_REPORTS_FOLDER');
    expect(String(error)).not.toContain(files.path);
  }
});

test('a folder with too many files is not read to its end', async () => {
  await files.add(otherProgram.organizationKey, otherProgram.programUuid, { a: '', b: '', c: '' });
  const strict = (mostEntries: number) => createReportFolder({ path: files.path, logger, mostEntries });
  expect(await strict(3).list(otherProgram)).toHaveLength(3);
  await expect(strict(2).list(otherProgram)).rejects.toThrow('more than 2 reports');
});
