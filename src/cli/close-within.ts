import type { Logger } from '../logger.js';

/**
 * Closes what a command had open, and ends the process after a while if something still keeps it: a command must not wait for ever for a
 * connection that does not close. What it was is in the log. The exit code is the command's own; where the closing itself hangs, nobody
 * can tell any more how the command went, and it is 1. A process that nothing keeps ends by itself, at once.
 */
export async function closeWithin(ms: number, close: () => Promise<void>, logger: Pick<Logger, 'warn'>): Promise<void> {
  let isClosed = false;
  setTimeout(() => {
    logger.warn({ open: process.getActiveResourcesInfo() }, 'not everything that the command had open would close');
    process.exit(process.exitCode ?? (isClosed ? 0 : 1));
  }, ms).unref();
  await close();
  isClosed = true;
}
