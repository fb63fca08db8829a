import { openContext } from '../command-context.js';
import { readEnvironment } from '../environment.js';
import { printAnswer } from '../output.js';
import { readInstallation } from './read-installation.js';

export interface ApplyOptions {
  dryRun?: boolean;
  json: boolean;
}

/** `portico apply`: brings accounts, clients and grants in line with a file; says of each what it did, or would do. */
export async function apply(path: string, { dryRun = false, json }: ApplyOptions): Promise<void> {
  const installation = await readInstallation(path, readEnvironment());
  await using opened = await openContext();
  const rows = await opened.context.services.installation.apply(installation, { isDryRun: dryRun });
  const width = Math.max(0, ...rows.map(({ outcome }) => outcome.length));
  printAnswer(json, { dryRun, rows }, [
    ...rows.map(
      ({ kind, name, outcome, changed }) =>
        `${outcome.padEnd(width)}  ${kind} ${name}${changed.length > 0 ? `: ${changed.join(', ')}` : ''}`,
    ),
    ...(dryRun ? ['Nothing was changed: this was a dry run.'] : []),
  ]);
}
