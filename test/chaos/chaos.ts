// npm run chaos -- [--seed N] [--people N] [--kills N] [--runs N] [--outage SECONDS] [--silence SECONDS] [--only start|halves] [--keep]
import { spawnSync } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openHalves } from './halves-site.js';
import { Product } from './product.js';
import { runChaos } from './run-chaos.js';
import { runOutage } from './run-outage.js';
import { runSilence } from './run-silence.js';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    people: { type: 'string', default: '175' },
    kills: { type: 'string', default: '4' },
    runs: { type: 'string', default: '2' },
    outage: { type: 'string', default: '10' },
    silence: { type: 'string', default: '10' },
    only: { type: 'string' },
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
  // `portico start` first, with fewer people; then web and worker as processes of their own, a thousand acts and more.
  const isApart = values.only === undefined ? run % 2 === 1 : values.only === 'halves';
  const site = isApart
    ? { people, open: openHalves }
    : { people: Math.ceil(people / 4), open: (folder: string) => Product.create(folder) };
  console.log(isApart ? 'portico web and portico worker, each by itself' : 'portico start, all in one');
  try {
    const report = await runChaos({ ...site, seed: seed + run, kills, home, tell: console.log });
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
if (Number(values.outage) > 0) {
  const home = await mkdtemp(join(tmpdir(), 'portico-outage-'));
  await chmod(home, 0o755);
  console.log(`PostgreSQL is killed under load and stays away for ${values.outage} s`);
  const report = await runOutage({ seconds: Number(values.outage), visitors: 4, home });
  for (const [phase, answers] of Object.entries(report.answers)) console.log(`  ${phase}: ${JSON.stringify(answers)}`);
  const [longest, recovery] = [report.longestMs, report.recoveryMs].map((ms) => Math.round(ms));
  console.log(`  longest wait while it was away ${longest} ms; first answer after it was back ${recovery} ms`);
  for (const problem of new Set(report.problems)) console.log(`  PROBLEM: ${problem}`);
  if (report.problems.length > 0) failures += 1;
  await rm(home, { recursive: true, force: true, maxRetries: 5 });
}
if (Number(values.silence) > 0 && !hasRedis())
  console.log('There is no redis-server on this machine: what happens without Redis is left out.');
else if (Number(values.silence) > 0) {
  const home = await mkdtemp(join(tmpdir(), 'portico-silence-'));
  await chmod(home, 0o755);
  console.log(`Redis, then PostgreSQL's listener, is killed under load and stays away for ${values.silence} s`);
  for (const report of await runSilence({ seconds: Number(values.silence), followers: 20, home })) {
    const { carrier, changes, looks, problems } = report;
    const [longest, current] = [report.longestLookMs, report.currentAfterMs].map((ms) => Math.round(ms));
    console.log(
      `  ${carrier} away: ${changes} grades changed, dashboards ${JSON.stringify(looks)}, the longest ${longest} ms`,
    );
    console.log(`  everybody has been told the last of them ${current} ms after it`);
    for (const problem of problems) console.log(`  PROBLEM: ${problem}`);
    if (problems.length > 0) failures += 1;
  }
  await rm(home, { recursive: true, force: true, maxRetries: 5 });
}
console.log(failures === 0 ? 'Nothing was lost, nothing was doubled.' : `${failures} runs found problems.`);
process.exitCode = failures === 0 ? 0 : 1;

function hasRedis(): boolean {
  return spawnSync('redis-server', ['--version'], { stdio: 'ignore' }).status === 0;
}
