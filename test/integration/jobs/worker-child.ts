// A worker whose jobs never end; the test kills it.

import { createWorker } from '../../../src/jobs/worker.js';
import { createAdvisoryLocks } from '../../../src/locks/advisory-locks.js';
import { createLogger } from '../../../src/logger.js';
import { everyJob } from './every-job.js';

const databaseUrl = process.argv[2] ?? '';
const logger = createLogger('silent');
await createWorker({
  databaseUrl,
  concurrency: 4,
  locks: createAdvisoryLocks({ databaseUrl, logger }),
  jobs: everyJob((name) => {
    console.log(`running ${name}`);
    return new Promise<void>(() => {});
  }),
  logger,
});
console.log('ready');
