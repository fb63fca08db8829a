import type { App } from '../../app/app.js';
import type { Logger } from '../../logger.js';
import { identitySecretOf } from '../demo/demo-secrets.js';
import { readEnvironment } from '../environment.js';
import { openDatabase, type Project, readProject } from '../project.js';
import { waitForSignal } from '../signals.js';
import { renderBanner } from './banner.js';
import { createStartLogger } from './logs.js';
import { isSandboxPlaceFree, replaceLeftSandbox, startSandboxProcess } from './sandbox-process.js';

/**
 * `portico start`: web and worker in this process, and beside it, when not configured, PostgreSQL and the sandbox LMS. Ends
 * everything it started at the first signal.
 */
export async function start(): Promise<void> {
  const startedAt = performance.now();
  const stop = waitForSignal();
  const project = await readProject(readEnvironment());
  const logger = await createStartLogger(project.home, project.config.log.level);
  tell('Starting …');
  await using stack = new AsyncDisposableStack();
  const running = bringUp(project, logger, stack);
  const first = await Promise.race([running, stop]);
  if (typeof first === 'string') {
    // Told to stop while starting: what is half up must be up before it can be taken down.
    await running.catch(() => {});
  } else {
    tell(renderBanner(project, (performance.now() - startedAt) / 1000));
    logger.info({ reason: await stop }, 'stopping');
  }
  tell('Stopping …');
}

/** Everything slow at once: code is loaded while the database and the sandbox start. */
async function bringUp(project: Project, logger: Logger, stack: AsyncDisposableStack): Promise<App> {
  const code = import('./run-app.js');
  const database = tellWhenDone('PostgreSQL is up', openDatabase(project, logger));
  const early = startSandboxEarly(project, logger);
  stack.defer(async () => (await settled(database))?.[Symbol.asyncDispose]());
  stack.defer(async () => (await settled(early))?.[Symbol.asyncDispose]());
  void settled(code);
  const { config, postgres } = await database;
  if (postgres && !(await postgres.claimStart()))
    throw new Error(`Portico is already running from this folder, at ${config.http.publicUrl}. Stop it first.`);
  if (project.sandboxPlace && !(await early)) {
    await replaceLeftSandbox(project.home, project.sandboxPlace);
    stack.use(await startSandbox(project, project.sandboxPlace, logger));
  }
  const { runApp } = await code;
  return stack.use(await runApp(project, config, logger));
}

/** @returns `undefined` when there is no sandbox to start, or something is in its place; that is looked into later */
async function startSandboxEarly(project: Project, logger: Logger): Promise<AsyncDisposable | undefined> {
  const place = project.sandboxPlace;
  if (!place || !(await isSandboxPlaceFree(place))) return undefined;
  return startSandbox(project, place, logger);
}

function startSandbox(
  { home, config, secrets, lmsClient, demoSecrets }: Project,
  place: NonNullable<Project['sandboxPlace']>,
  logger: Logger,
): Promise<AsyncDisposable> {
  const starting = startSandboxProcess({
    home,
    place,
    porticoUrl: config.http.publicUrl,
    lmsClient,
    apiClient: secrets.lmsApiClient,
    workerClient: secrets.lmsWorkerClient,
    workerToken: secrets.lmsWorkerToken,
    retirementClient: secrets.lmsRetirementClient,
    identitySecret: demoSecrets && identitySecretOf(demoSecrets),
    busUrl: secrets.eventBusRedisUrl,
    busTopic: topicOf(config.eventBus),
    onExit: (code) => logger.error({ code }, 'the sandbox LMS ended; start Portico again to have it back'),
  });
  return tellWhenDone('The sandbox LMS is up', starting);
}

/** The sandbox publishes everything on one topic, of those that are read. */
function topicOf({ topicPrefix, topics }: Project['config']['eventBus']): string {
  return [topicPrefix, topics[0] ?? 'learning'].filter(Boolean).join('-');
}

/** What a promise came to, `undefined` when it failed; its failure is reported where it is awaited. */
async function settled<T>(promise: Promise<T>): Promise<T | undefined> {
  return promise.catch(() => undefined);
}

async function tellWhenDone<T>(what: string, work: Promise<T>): Promise<T> {
  const startedAt = performance.now();
  const result = await work;
  tell(`  ${what} (${((performance.now() - startedAt) / 1000).toFixed(1)} s).`);
  return result;
}

function tell(text: string): void {
  process.stdout.write(`${text}\n`);
}
