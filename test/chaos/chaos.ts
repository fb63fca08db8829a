// npm run chaos -- [--seed N] [--people N] [--kills N] [--runs N] [--keep]
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runChaos } from './run-chaos.js';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    people: { type: 'string', default: '200' },
    kills: { type: 'string', default: '4' },
    runs: { type: 'string', default: '2' },
    keep: { type: 'boolean', default: false },
  },
});
const [seed, people, kills, runs] = [values.seed, values.people, values.kills, values.runs].map(Number) as [
  number,
  number,
  number,
  number,
];

let failures = 0;
for (let run = 0; run < runs; run++) {
  const home = await mkdtemp(join(tmpdir(), 'portico-chaos-'));
  await chmod(home, 0o755); // as root, PostgreSQL runs as a user of its own and must be able to enter
  // The sandbox is killed, too, in every second run.
  const killsSandbox = run % 2 === 1;
  try {
    const report = await runChaos({ seed: seed + run, people, kills, killsSandbox, home, tell: console.log });
    const { linked, active, rejected } = report.standing;
    console.log(
      `  ${linked} linked, ${active} active, ${rejected} rejected with a reason, ${report.seconds.toFixed(0)} s`,
    );
    for (const problem of report.problems) console.log(`  PROBLEM: ${problem}`);
    if (report.problems.length > 0) failures += 1;
  } catch (error) {
    failures += 1;
    console.error(error);
  }
  if (values.keep || failures > 0) console.log(`  kept: ${home}`);
  else await rm(home, { recursive: true, force: true });
}
console.log(failures === 0 ? 'Nothing was lost, nothing was doubled.' : `${failures} of ${runs} runs found problems.`);
process.exitCode = failures === 0 ? 0 : 1;
