import { Command, CommanderError } from 'commander';
import { addAccountCommands } from './commands/accounts.js';
import { addClientCommands } from './commands/clients.js';
import { addConnectCommands } from './commands/connect.js';
import { addCourseCommands } from './commands/courses.js';
import { addEdxLinkCommands } from './commands/edx-links.js';
import { addEnrollmentCommands } from './commands/enrollments.js';
import { addJobCommands } from './commands/jobs.js';
import { addProgramEnrollmentCommands } from './commands/program-enrollments.js';
import { addRunningCommands } from './commands/running.js';
import { addSecurityCommands } from './commands/security.js';
import { readVersion } from './version.js';

/** Exit codes: 0 done, 1 failed, 2 called wrongly. */
const exitCodes = { failed: 1, usage: 2 };

const portico = new Command('portico')
  .description("The front door between a school's people and Open edX.")
  .version(await readVersion())
  .showHelpAfterError('Add --help to see how it is used.')
  .exitOverride();

// The help lists the commands in this order.
for (const add of [
  addRunningCommands,
  addConnectCommands,
  addAccountCommands,
  addClientCommands,
  addEdxLinkCommands,
  addCourseCommands,
  addEnrollmentCommands,
  addProgramEnrollmentCommands,
  addJobCommands,
  addSecurityCommands,
])
  add(portico);

try {
  await portico.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : exitCodes.usage;
  } else {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    if (process.env.LOG_LEVEL === 'debug' && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    process.exitCode = exitCodes.failed;
  }
}
