import { setFlagsFromString } from 'node:v8';
import type { AppParts } from '../app/app.js';
import { loadConfig } from '../config/config.js';
import { createLogger } from '../logger.js';
import { main } from '../main.js';
import { refuseDemoPeople } from './demo/refuse-demo-people.js';
import { readEnvironment } from './environment.js';
import { waitForSignal } from './signals.js';

/** `portico web` and `portico worker`: a half of Portico with a database and an LMS of one's own. */
export async function runParts(parts: AppParts): Promise<void> {
  if (!parts.web) keepHeapSmall();
  const { config, secrets } = loadConfig(readEnvironment());
  await main({
    config,
    secrets,
    logger: createLogger(config.log.level),
    parts,
    prepare: refuseDemoPeople,
    stop: waitForSignal(),
  });
}

/**
 * Has the garbage of a worker be collected when the heap has grown by half, not only when it is several times what is in use: nobody
 * waits for the milliseconds that this takes, and work on many rows then needs hardly more memory than none.
 */
function keepHeapSmall(): void {
  setFlagsFromString('--heap-growing-percent=50');
}
