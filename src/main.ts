import { type App, type AppOptions, type AppParts, createApp } from './app/app.js';
import type { Config } from './config/config.js';
import type { Secrets } from './config/secrets.js';
import type { Logger } from './logger.js';

/**
 * Runs Portico, or a half of it, until it is told to stop.
 *
 * @param prepare - runs before the first request and the first job
 * @param stop - resolves when it is to stop
 * @param onReady - called when requests and jobs are taken
 */
export async function main({
  config,
  secrets,
  logger,
  parts,
  prepare,
  stop,
  onReady,
}: {
  config: Config;
  secrets: Secrets;
  logger: Logger;
  parts: AppParts;
  prepare?: AppOptions['prepare'];
  stop: Promise<unknown>;
  onReady?: (app: App) => void;
}): Promise<void> {
  const starting = performance.now();
  await using app = await createApp({ config, secrets, logger, parts, ...(prepare && { prepare }) });
  logger.info({ url: parts.web ? app.url : undefined, parts, ms: Math.round(performance.now() - starting) }, 'ready');
  onReady?.(app);
  const reason = await stop;
  logger.info({ reason }, 'stopping');
}
