import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder of reports, as an analytics process leaves them; gone when it is disposed. */
export class ReportFolderOfTest implements AsyncDisposable {
  private constructor(readonly path: string) {}

  static async create(): Promise<ReportFolderOfTest> {
    return new ReportFolderOfTest(await realpath(await mkdtemp(join(tmpdir(), 'portico-reports-'))));
  }

  placeOf(organizationKey: string, programUuid: string): string {
    return join(this.path, 'reports_v2', organizationKey, programUuid.replaceAll('-', ''));
  }

  /** @param files - content by name; @returns the folder that they are in */
  async add(organizationKey: string, programUuid: string, files: Readonly<Record<string, string>>): Promise<string> {
    const place = this.placeOf(organizationKey, programUuid);
    await mkdir(place, { recursive: true });
    for (const [name, content] of Object.entries(files)) await writeFile(join(place, name), content);
    return place;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}
