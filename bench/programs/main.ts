// npm run bench:programs -- [--rows N]
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openProgramSchool } from '../../test/support/program-school.js';
import { measureLms } from './lms-pace.js';
import { runUpload } from './run-upload.js';

const { values } = parseArgs({ options: { rows: { type: 'string', default: '100000' } } });
const rows = Number(values.rows);
const allowedMb = 100;
const allowedRatio = 1.2;

const home = await mkdtemp(join(tmpdir(), 'portico-programs-'));
await chmod(home, 0o755); // as root, PostgreSQL runs as a user of its own and must be able to enter
try {
  await using school = await openProgramSchool(home);
  const { halves } = school;
  // As long as a call takes that was not recorded: 30 ms and a millisecond for what it answers.
  await halves.pullLever('/_sandbox/faults', [{ match: '/api/program_enrollments/*', mode: 'costs' }]);
  await halves.start('worker');
  console.log(
    `${rows} rows, 25 in a call, 4 calls at a time; ${cpus().length} processors, load ${loadavg()[0]?.toFixed(1)}`,
  );
  const lmsSeconds = await measureLms(school, rows);
  console.log(`  the LMS by itself: ${lmsSeconds.toFixed(1)} s`);
  const { seconds, loadSeconds, calls, rowsSent, worker, ...report } = await runUpload(school, rows, console.log);
  const grownMb = worker.peakMb - worker.idleMb;
  const ratio = seconds / lmsSeconds;
  console.log(`
| | |
|---|---:|
| rows written | ${report.rows}, ${report.failed} failed |
| calls of the LMS | ${calls}, with ${rowsSent} rows |
| time of the LMS for as many, by a loop | ${lmsSeconds.toFixed(1)} s |
| time of the upload | ${seconds.toFixed(1)} s, of it ${loadSeconds.toFixed(1)} s until the first row was settled |
| ratio | **${ratio.toFixed(2)}**, ${allowedRatio} allowed |
| worker: resident memory idle, peak | ${worker.idleMb.toFixed(0)} MB, ${worker.peakMb.toFixed(0)} MB: **${grownMb.toFixed(0)} MB** above idle, ${allowedMb} allowed |
| load of the machine at the end | ${loadavg()[0]?.toFixed(1)} |
`);
  const isWhole = report.rows === rows && report.failed === 0 && rowsSent === rows;
  const isKept = isWhole && grownMb < allowedMb && ratio <= allowedRatio;
  console.log(isKept ? 'Kept.' : `MISSED${isWhole ? '' : ': rows were lost or sent twice'}.`);
  process.exitCode = isKept ? 0 : 1;
} finally {
  await rm(home, { recursive: true, force: true, maxRetries: 5 });
}
