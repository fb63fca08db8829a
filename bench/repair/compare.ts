import type { EntityManager } from '@mikro-orm/postgresql';
import { loadConfig } from '../../src/config/config.js';
import { createLmsApi } from '../../src/datasources/lms/lms-api.js';
import { createLmsClient } from '../../src/datasources/lms/lms-client.js';
import { createLogger } from '../../src/logger.js';
import type { Halves } from '../../test/support/halves.js';
import type { RepairReport } from './run-repair.js';

interface Row {
  username: string;
  state: string;
  edxUsername: string | null;
  hasToken: boolean;
  rows: string;
  outcomes: string[];
}

/** @returns a sentence for everybody who was forgotten or repaired twice, by what Portico, the operation and the LMS say */
export async function findMistakes(halves: Halves, em: EntityManager, report: RepairReport): Promise<string[]> {
  const rows = await em.fork().execute<Row[]>(
    `select account.username, link.state, link.edx_username as "edxUsername",
       link.api_refresh_token is not null as "hasToken",
       count(report.id) as rows, array_agg(report.outcome) as outcomes
     from account join edx_link link on link.account_id = account.id
       left join operation_row report on report.operation_id = ? and report.key = account.username
     where account.username like 'bench-%' group by 1, 2, 3, 4`,
    [report.operationId],
  );
  const mistakes = rows.flatMap(({ username, state, hasToken, rows: count, outcomes }) => {
    if (state !== 'LINKED') return [`${username} is ${state}`];
    if (!hasToken) return [`${username} has no API token`];
    return Number(count) === 1 && outcomes[0] === 'OK'
      ? []
      : [`${username} is in the report as ${outcomes.join(', ')}`];
  });
  const ties = await readTies(halves, rows);
  for (const { username, edxUsername } of rows) {
    const mine = ties.get(username) ?? [];
    if (mine.length !== 1 || mine[0] !== edxUsername)
      mistakes.push(`${username} is linked to ${edxUsername}, the LMS says ${mine.join(', ')}`);
  }
  if (report.registrations !== rows.length)
    mistakes.push(`the LMS took ${report.registrations} registrations of ${rows.length} learners`);
  return mistakes;
}

/** LMS users by the account that the LMS ties them to. */
async function readTies(halves: Halves, rows: readonly Row[]): Promise<Map<string, string[]>> {
  const { config, secrets } = loadConfig(halves.settings);
  const { lms, timeouts } = config;
  const logger = createLogger('silent');
  await using client = createLmsClient({ config: lms, timeouts, secrets, logger, clock: () => new Date() });
  const mappings = await createLmsApi(client).mappings(
    { remoteIds: rows.map(({ username }) => username) },
    { purpose: 'job' },
  );
  const ties = new Map<string, string[]>();
  for (const { remoteId, username } of mappings) ties.set(remoteId, [...(ties.get(remoteId) ?? []), username]);
  return ties;
}
