// npm run bench:repair -- [--learners N] [--parallel N] [--token-limit N] [--no-kill]
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createOrm } from '../../src/entities/orm.js';
import { Halves } from '../../test/support/halves.js';
import { findMistakes } from './compare.js';
import { addUnlinkedLearners } from './learners.js';
import { runRepair } from './run-repair.js';

const { values } = parseArgs({
  options: {
    learners: { type: 'string', default: '2000' },
    parallel: { type: 'string', default: '8' },
    // What an LMS has after the set-up guide was followed, in which the limit of its token endpoint is raised like that of its registrations.
    'token-limit': { type: 'string', default: '1000000' },
    'no-kill': { type: 'boolean', default: false },
  },
});
const learners = Number(values.learners);
const parallel = Number(values.parallel);
const tokenLimit = Number(values['token-limit']);

const home = await mkdtemp(join(tmpdir(), 'portico-repair-'));
await chmod(home, 0o755); // as root, PostgreSQL runs as a user of its own and must be able to enter
let isGood = false;
try {
  await using stack = new AsyncDisposableStack();
  const halves = stack.use(
    // Schedules would sweep and repair beside what is measured.
    await Halves.create({ home, env: { DISABLE_SCHEDULES: 'all' } }),
  );
  await halves.pullLever('/_sandbox/settings', { registrationLimit: 10_000_000, tokenLimit });
  const orm = stack.adopt(createOrm({ url: halves.databaseUrl, poolSize: 4 }), (it) => it.close());
  await addUnlinkedLearners(orm.em, learners);
  await halves.start('web');
  await halves.start('worker');
  console.log(
    `${learners} learners without an LMS user, ${parallel} at a time, ${tokenLimit} calls a minute at the LMS's token endpoint; ${cpus().length} processors, load ${loadavg()[0]?.toFixed(1)}`,
  );
  const report = await runRepair(halves, orm.em, { parallel, killsWorker: !values['no-kill'], tell: console.log });
  const mistakes = await findMistakes(halves, orm.em, report);
  const grownMb = report.worker.peakMb - report.worker.idleMb;
  console.log(`
| | |
|---|---:|
| learners repaired | ${report.done} of ${learners}, ${report.failed} failed |
| time | ${report.seconds.toFixed(0)} s, of it ${report.gapSeconds.toFixed(1)} s from the kill to the next learner |
| pace | ${(report.done / report.seconds).toFixed(1)} learners a second |
| calls of the LMS for a learner | ${(report.calls / learners).toFixed(1)} |
| worker: resident memory idle, peak | ${report.worker.idleMb.toFixed(0)} MB, ${report.worker.peakMb.toFixed(0)} MB: ${grownMb.toFixed(0)} MB above idle |
| web: the same | ${report.web.idleMb.toFixed(0)} MB, ${report.web.peakMb.toFixed(0)} MB |
| registrations that the LMS took | ${report.registrations} |
| load of the machine at the end | ${loadavg()[0]?.toFixed(1)} |
`);
  if (grownMb >= 150) mistakes.push(`the worker grew by ${grownMb.toFixed(0)} MB, 150 are allowed`);
  for (const mistake of mistakes) console.log(`MISTAKE: ${mistake}`);
  isGood = mistakes.length === 0;
  console.log(isGood ? 'Nobody twice, nobody forgotten.' : `${mistakes.length} mistakes.`);
} finally {
  if (isGood) await rm(home, { recursive: true, force: true, maxRetries: 5 });
  else console.log(`kept: ${home}`);
}
process.exitCode = isGood ? 0 : 1;
