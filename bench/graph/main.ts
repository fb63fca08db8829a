// npm run bench:graph -- [--only NAME]... [--quick] [--unpinned] [--profile DIR]
import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openEmbeddedPostgres } from '../../src/embedded-postgres/embedded-postgres.js';
import { createLogger } from '../../src/logger.js';
import { createDatabase, versionOf } from '../databases.js';
import type { BenchPart } from './part.js';
import { parts } from './parts.js';

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    quick: { type: 'boolean', default: false },
    unpinned: { type: 'boolean', default: false },
    profile: { type: 'string' },
  },
});
const { only } = values;
const unknown = only?.find((name) => !parts.some((part) => part.name === name));
if (unknown !== undefined) {
  console.error(`There is no part "${unknown}"; there are: ${parts.map(({ name }) => `"${name}"`).join(', ')}.`);
  process.exit(2);
}

/** With two processors, the gateway that is measured has one, and what loads it and the LMS share the other. */
const canPin = process.platform === 'linux' && cpus().length > 1 && !values.unpinned;

const home = await mkdtemp(join(tmpdir(), 'portico-bench-graph-'));
await chmod(home, 0o755); // as root, PostgreSQL runs as a user of its own and must be able to enter
const logFile = join(home, 'servers.log');
try {
  await using stack = new AsyncDisposableStack();
  const postgres = stack.use(await openEmbeddedPostgres({ home, logger: createLogger('warn') }));
  // After the database has started, which runs where there is room: it has a machine of its own elsewhere.
  if (canPin) execFileSync('taskset', ['--all-tasks', '--pid', '--cpu-list', '1', String(process.pid)]);
  console.log(
    `${cpus()[0]?.model}, ${cpus().length} processors${canPin ? ', gateway on one, load and LMS on another' : ''}; Node ${process.version}; ${await versionOf(postgres.url)}; load before: ${loadavg()[0]?.toFixed(2)}`,
  );
  let databases = 0;
  const setting = {
    newDatabase: () => createDatabase(postgres.url, `bench_graph_${++databases}`),
    server: { logFile, cpu: canPin ? 0 : undefined, profileDir: values.profile },
    isQuick: values.quick,
    tell: (line: string) => console.error(line),
  };
  let isKept = true;
  for (const part of parts.filter(({ name }) => only === undefined || only.includes(name))) {
    const report = await runPart(part, setting);
    console.log(`\n## ${part.name}\n\n${report.text}\n\n${report.isKept ? 'Kept.' : 'MISSED.'}`);
    isKept &&= report.isKept;
  }
  process.exitCode = isKept ? 0 : 1;
} finally {
  await rm(home, { recursive: true, force: true });
}

/** A part that breaks does not take the others with it. */
async function runPart(part: BenchPart, setting: Parameters<BenchPart['run']>[0]) {
  try {
    return await part.run(setting);
  } catch (error) {
    console.error(error, (await readFile(logFile, 'utf8').catch(() => '')).slice(-4000));
    return { text: 'It broke: see above.', isKept: false };
  }
}
