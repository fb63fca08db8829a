import type { Logger } from '../logger.js';

/**
 * Ends the process after a while, if something still keeps it: a command that has said what it did must not wait for ever for a
 * connection that does not close. What it was is in the log. A process that nothing keeps ends by itself, at once.
 */
export function endWithin(ms: number, logger: Pick<Logger, 'warn'>): void {
  setTimeout(() => {
    logger.warn({ open: process.getActiveResourcesInfo() }, 'done, but not everything would close');
    process.exit();
  }, ms).unref();
}
