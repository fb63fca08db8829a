import { pino } from 'pino';
import { type AppContext, createContext } from '../app/context.js';
import { createLogger } from '../logger.js';
import { closeWithin } from './close-within.js';
import { migrateEmbedded } from './embedded-migrations.js';
import { readEnvironment } from './environment.js';
import { openDatabase, readProject } from './project.js';

/** What a command works with: the same services as web and worker have, for as long as the command runs. */
export interface CommandContext extends AsyncDisposable {
  context: AppContext;
}

/** Long enough for what is still being written. */
const closingMs = 10_000;

/** Beside a running `portico start` the command uses its database; without one it starts the embedded one itself. */
export async function openContext(): Promise<CommandContext> {
  const project = await readProject(readEnvironment());
  const logger = createLogger('warn', pino.destination(2));
  await using stack = new AsyncDisposableStack();
  const { config } = stack.use(await openDatabase(project, logger));
  if (project.plan.hasEmbeddedDatabase) await migrateEmbedded(config, { onlyWhenPending: true });
  const context = stack.use(await createContext({ config, secrets: project.secrets, logger }));
  const resources = stack.move();
  return {
    context,
    [Symbol.asyncDispose]: () => closeWithin(closingMs, () => resources.disposeAsync(), logger),
  };
}
