import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Finding, find } from './finding.js';

/** Whether the folder with the reports of programs is there, and laid out as it has to be. */
export function checkReports(folder: string): Promise<Finding> {
  const place = join(folder, 'reports_v2');
  return find(
    'reports',
    async () => {
      const entries = await readdir(place, { withFileTypes: true });
      const keys = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
      return `${place} has reports of ${keys.length} ${keys.length === 1 ? 'organization' : 'organizations'}`;
    },
    `Check PROGRAM_REPORTS_FOLDER (${folder}): the bucket of reports must be mounted or synchronised there, with reports_v2/{organization}/{program}/ below it, and readable for the user that Portico runs as.`,
  );
}
