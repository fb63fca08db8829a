// npm run bench:programs -- [--only pages|upload] [--rows N]
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { PartReport } from '../graph/part.js';
import { measureLearnerPages } from './learner-pages.js';
import { measureUpload } from './upload.js';

const { values } = parseArgs({
  options: { only: { type: 'string' }, rows: { type: 'string', default: '100000' } },
});
const parts: Record<string, (home: string) => Promise<PartReport>> = {
  pages: measureLearnerPages,
  upload: (home) => measureUpload(home, Number(values.rows)),
};
const { only } = values;
if (only !== undefined && !(only in parts)) {
  console.error(`There is no part "${only}"; there are: ${Object.keys(parts).join(', ')}.`);
  process.exit(2);
}
console.log(
  `${cpus()[0]?.model}, ${cpus().length} processors; Node ${process.version}; load ${loadavg()[0]?.toFixed(1)}`,
);
for (const [name, measure] of Object.entries(parts)) {
  if (only !== undefined && only !== name) continue;
  const home = await mkdtemp(join(tmpdir(), 'portico-programs-'));
  await chmod(home, 0o755); // as root, PostgreSQL runs as a user of its own and must be able to enter
  try {
    const { text, isKept } = await measure(home);
    console.log(`\n## ${name}\n\n${text}\n\n${isKept ? 'Kept.' : 'MISSED.'}`);
    if (!isKept) process.exitCode = 1;
  } finally {
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  }
}
