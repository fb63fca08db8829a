import { loadavg } from 'node:os';
import { openProgramSchool } from '../../test/support/program-school.js';
import type { PartReport } from '../graph/part.js';
import { measureLms } from './lms-pace.js';
import { runUpload } from './run-upload.js';

const allowedMb = 100;
const allowedRatio = 1.2;

/**
 * A file of so many enrollments, beside a loop that sends the LMS as many: how long, and how far the worker grows.
 *
 * @param home - folder for data and logs; new and empty
 */
export async function measureUpload(home: string, rows: number): Promise<PartReport> {
  await using school = await openProgramSchool(home);
  const { halves } = school;
  // As long as a call takes that was not recorded: 30 ms and a millisecond for what it answers.
  await halves.pullLever('/_sandbox/faults', [{ match: '/api/program_enrollments/*', mode: 'costs' }]);
  await halves.start('worker');
  const lmsSeconds = await measureLms(school, rows);
  console.error(`  the LMS by itself: ${lmsSeconds.toFixed(1)} s`);
  const { seconds, loadSeconds, calls, rowsSent, worker, ...report } = await runUpload(school, rows, console.error);
  const grownMb = worker.peakMb - worker.idleMb;
  const ratio = seconds / lmsSeconds;
  const isWhole = report.rows === rows && report.failed === 0 && rowsSent === rows;
  return {
    isKept: isWhole && grownMb < allowedMb && ratio <= allowedRatio,
    text: `${rows} rows, 25 in a call, 4 calls at a time.${isWhole ? '' : ' Rows were lost or sent twice.'}

| | |
|---|---:|
| rows written | ${report.rows}, ${report.failed} failed |
| calls of the LMS | ${calls}, with ${rowsSent} rows |
| time of the LMS for as many, by a loop | ${lmsSeconds.toFixed(1)} s |
| time of the upload | ${seconds.toFixed(1)} s, of it ${loadSeconds.toFixed(1)} s until the first row was settled |
| ratio | **${ratio.toFixed(2)}**, ${allowedRatio} allowed |
| worker: resident memory idle, peak | ${worker.idleMb.toFixed(0)} MB, ${worker.peakMb.toFixed(0)} MB: **${grownMb.toFixed(0)} MB** above idle, ${allowedMb} allowed |
| load of the machine at the end | ${loadavg()[0]?.toFixed(1)} |`,
  };
}
