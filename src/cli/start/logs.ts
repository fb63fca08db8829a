import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { createLogger, type Logger } from '../../logger.js';

/**
 * Where `portico start` logs. On a terminal: warnings there, readable, and everything in `portico.log` of Portico's home, so
 * that the log-ins stay in sight. Elsewhere: JSON lines on standard output.
 *
 * @param level - least severity that is written
 */
export async function createStartLogger(home: string, level: string): Promise<Logger> {
  if (!process.stdout.isTTY) return createLogger(level);
  const file = join(home, 'portico.log');
  keepPrevious(file);
  const { default: pretty } = await import('pino-pretty');
  return createLogger(
    level,
    pino.multistream([
      { level: 'trace', stream: pino.destination({ dest: file, sync: true }) },
      {
        level: 'warn',
        stream: pretty({ sync: true, destination: 2, ignore: 'pid,hostname', translateTime: 'HH:MM:ss' }),
      },
    ]),
  );
}

function keepPrevious(file: string): void {
  try {
    renameSync(file, `${file}.1`);
  } catch {
    // the first run
  }
}
