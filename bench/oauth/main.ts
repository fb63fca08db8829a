// npm run bench -- [--seconds N] [--rounds N] [--connections N] [--only NAME] [--unpinned] [--profile DIR]
import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openEmbeddedPostgres } from '../../src/embedded-postgres/embedded-postgres.js';
import { createLogger } from '../../src/logger.js';
import { createDatabase, versionOf } from '../databases.js';
import { type Round, run } from './load.js';
import { prepareSide } from './measurements.js';
import { startPeer } from './peer-side.js';
import { startPortico } from './portico-side.js';
import { report } from './report.js';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '10' },
    connections: { type: 'string', default: '16' },
    only: { type: 'string' },
    unpinned: { type: 'boolean', default: false },
    profile: { type: 'string' },
  },
});
const seconds = Number(values.seconds);
const rounds = Number(values.rounds);
const connections = Number(values.connections);
const profileDir = values.profile;

/** With two processors, the server that is measured has one, and what loads it another. */
const canPin = process.platform === 'linux' && cpus().length > 1 && !values.unpinned;

const home = await mkdtemp(join(tmpdir(), 'portico-bench-'));
await chmod(home, 0o755); // as root, PostgreSQL runs as a user of its own and must be able to enter
try {
  await using stack = new AsyncDisposableStack();
  const logger = createLogger('warn');
  const postgres = stack.use(await openEmbeddedPostgres({ home, logger }));
  // After the database has started, which runs where there is room: it has a machine of its own elsewhere.
  if (canPin) execFileSync('taskset', ['--all-tasks', '--pid', '--cpu-list', '1', String(process.pid)]);
  const server = { logFile: join(home, 'servers.log'), cpu: canPin ? 0 : undefined, profileDir };
  const sessions = connections * 4;
  const portico = stack.use(await startPortico(await createDatabase(postgres.url, 'bench_portico'), sessions, server));
  const { keys, poolSize } = portico;
  const databaseUrl = await createDatabase(postgres.url, 'bench_peer');
  const peer = stack.use(await startPeer({ databaseUrl, poolSize, keys }, server));

  const all = [...(await prepareSide(portico, sessions)), ...(await prepareSide(peer, sessions))];
  // Neighbours in time are what is compared with each other.
  const names = [
    'client_credentials',
    'refresh',
    'code flow',
    'introspection',
    '/graphql',
    '/api/users/me',
    'userinfo',
  ];
  const measurements = names
    .filter((name) => values.only === undefined || name.includes(values.only))
    .flatMap((name) => all.filter((measurement) => measurement.name === name));
  console.log(
    `${cpus()[0]?.model}, ${cpus().length} processors${canPin ? ', server on one and load on another' : ''}; Node ${process.version}; ${await versionOf(postgres.url)}; pool ${poolSize}; ${connections} connections; ${rounds} rounds of ${seconds} s; load before: ${loadavg()[0]?.toFixed(2)}`,
  );
  for (const measurement of measurements) await run(measurement, { connections, seconds: Math.min(seconds, 3) });
  const results = new Map<string, Round[]>();
  for (let round = 0; round < rounds; round++)
    for (const measurement of measurements) {
      const result = await run(measurement, { connections, seconds });
      const key = `${measurement.side.name} ${measurement.name}`;
      results.set(key, [...(results.get(key) ?? []), result]);
      console.error(
        `${round + 1}/${rounds} ${key}: ${result.perSecond.toFixed(0)}/s, ${result.processorMs.toFixed(3)} ms of processor each (database ${result.database.processorMs.toFixed(3)} ms, ${result.database.walBytes.toFixed(0)} bytes), p50 ${result.p50} ms, p99 ${result.p99} ms`,
      );
    }
  const { text, isKept } = report(results);
  console.log(text);
  process.exitCode = isKept ? 0 : 1;
} catch (error) {
  console.error((await readFile(join(home, 'servers.log'), 'utf8').catch(() => '')).slice(-4000));
  throw error;
} finally {
  await rm(home, { recursive: true, force: true });
}
