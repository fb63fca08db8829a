import type { AppParts } from '../app/app.js';
import { loadConfig } from '../config/config.js';
import { createLogger } from '../logger.js';
import { main } from '../main.js';
import { collectAsItGrows } from './collect-as-it-grows.js';
import { refuseDemoPeople } from './demo/refuse-demo-people.js';
import { readEnvironment } from './environment.js';
import { waitForSignal } from './signals.js';

/** `portico web` and `portico worker`: a half of Portico with a database and an LMS of one's own. */
export async function runParts(parts: AppParts): Promise<void> {
  // Nobody waits for the milliseconds that this takes.
  using _collecting = parts.web ? undefined : collectAsItGrows();
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
