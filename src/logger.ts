import { pino } from 'pino';

export type Logger = pino.Logger;

/** Names of members whose values never reach a log, at any of the depths that our log lines have. */
const secretMembers = [
  'password',
  'secret',
  'client_secret',
  'clientSecret',
  'token',
  'access_token',
  'refresh_token',
  'code',
  'cookie',
  'authorization',
  'email',
];
const redactedPaths = secretMembers.flatMap((name) => [name, `*.${name}`, `*.*.${name}`, `req.headers["${name}"]`]);

/** After this a line is written, however few there are. */
const longestWaitMs = 100;

/** Of a logger without a word: also nothing that would look, again and again, whether something waits. */
const nowhere: pino.DestinationStream = { write: () => {} };

/**
 * The root logger: JSON lines on stdout, secrets and e-mail addresses removed. Subsystems take a child: `logger.child({ part: 'lms' })`.
 *
 * @param level - least severity that is written
 */
export function createLogger(level: string, destination?: pino.DestinationStream): Logger {
  return pino(
    { level, base: null, redact: { paths: redactedPaths, censor: '[redacted]' } },
    // Many lines are one write, and whoever reads them slowly holds nobody up; what waits is written when the process ends.
    destination ?? (level === 'silent' ? nowhere : openStdout()),
  );
}

function openStdout(): pino.DestinationStream {
  return pino.destination({ dest: 1, sync: false, minLength: 12_288, periodicFlush: longestWaitMs });
}
