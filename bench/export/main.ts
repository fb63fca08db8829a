// npm run bench:export -- [--grades N] [--format csv|jsonl]
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createContext } from '../../src/app/context.js';
import { loadConfig } from '../../src/config/config.js';
import { createLogger } from '../../src/logger.js';
import { Halves } from '../../test/support/halves.js';
import { readIdleMb } from '../repair/watch-process.js';
import { addLearners } from './learners.js';
import { download, runExport } from './run-export.js';

const { values } = parseArgs({
  options: { grades: { type: 'string', default: '20000' }, format: { type: 'string', default: 'csv' } },
});
const courses = 20;
const learners = Math.ceil(Number(values.grades) / courses);
const grades = learners * courses;
const format = values.format === 'jsonl' ? 'jsonl' : 'csv';
/** What a process may grow by, however many grades there are: as far as the engine lets its heap grow before it collects. */
const allowedMb = 300;

const home = await mkdtemp(join(tmpdir(), 'portico-export-'));
await chmod(home, 0o755); // as root, PostgreSQL runs as a user of its own and must be able to enter
try {
  await using stack = new AsyncDisposableStack();
  const halves = stack.use(await Halves.create({ home, env: { DISABLE_SCHEDULES: 'all' } }));
  await halves.pullLever('/_sandbox/seed', { users: learners, courses, enrollmentsPerUser: courses }, 'POST');
  const { config, secrets } = loadConfig(halves.settings);
  const context = stack.use(await createContext({ config, secrets, logger: createLogger('silent') }));
  await addLearners(context.orm.em, learners);
  await halves.start('web');
  await halves.start('worker');
  console.log(
    `${grades} grades of ${learners} learners; ${cpus().length} processors, load ${loadavg()[0]?.toFixed(1)}`,
  );
  const courseKeys = Array.from(
    { length: courses },
    (_, at) => `course-v1:Seed+C${String(at + 1).padStart(5, '0')}+2026`,
  );
  const workerMb = await readIdleMb(halves.pidOf('worker'));
  const webMb = await readIdleMb(halves.pidOf('web'), 1);
  const pulled = await runExport(halves, context.orm.em, { courseKeys, format });
  const stored = await runExport(halves, context.orm.em, { courseKeys, format, isStored: true });
  const [file] = await context.services.operationFiles.find([stored.operationId]);
  if (!file) throw new Error('there is no file');
  const fetched = await download(halves, context.services.operationFiles.link(file).url);
  const growth = {
    pull: pulled.peakMb - workerMb,
    export: stored.peakMb - workerMb,
    download: fetched.peakMb - webMb,
  };
  const row = (what: string, seconds: number, peakMb: number, grownMb: number, idleMb: number) =>
    `| ${what} | ${seconds.toFixed(1)} s | ${idleMb.toFixed(0)} MB, ${peakMb.toFixed(0)} MB: ${grownMb.toFixed(0)} MB above idle |`;
  console.log(`
| ${grades} grades as ${format}, ${(fetched.bytes / 2 ** 20).toFixed(1)} MB, ${fetched.lines} lines | time | resident memory idle, peak |
|---|---:|---:|
${row('worker: pulled from the LMS and written', pulled.seconds, pulled.peakMb, growth.pull, workerMb)}
${row('worker: written from what is stored', stored.seconds, stored.peakMb, growth.export, workerMb)}
${row('web: downloaded', fetched.seconds, fetched.peakMb, growth.download, webMb)}
`);
  const isWhole = pulled.grades === grades && stored.grades === grades;
  const isKept = isWhole && Object.values(growth).every((mb) => mb < allowedMb);
  console.log(
    isWhole ? 'Every grade is there.' : `MISTAKE: ${pulled.grades} and ${stored.grades} of ${grades} grades.`,
  );
  console.log(isKept ? 'Kept.' : `MISSED: every grade is to be there, with less than ${allowedMb} MB above idle.`);
  process.exitCode = isKept ? 0 : 1;
} finally {
  await rm(home, { recursive: true, force: true, maxRetries: 5 });
}
