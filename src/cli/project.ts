import { mkdir } from 'node:fs/promises';
import { type Config, loadConfig } from '../config/config.js';
import type { ClientCredentials, Secrets } from '../config/secrets.js';
import { type EmbeddedPostgres, openEmbeddedPostgres } from '../embedded-postgres/embedded-postgres.js';
import type { Logger } from '../logger.js';
import {
  demoClientIds,
  placeSandbox,
  type SandboxPlace,
  withDemoSecrets,
  withSandbox,
} from './demo/demo-environment.js';
import { type DemoSecrets, readOrCreateDemoSecrets } from './demo/demo-secrets.js';
import { homeFolder, type ProcessEnvironment } from './environment.js';
import { planRun, type RunPlan } from './start/run-plan.js';

/** What a command works on: the settings, completed by what `portico start` brings along. */
export interface Project {
  plan: RunPlan;
  home: string;
  /** With the embedded database, its URL is known once that is open. */
  config: Config;
  secrets: Secrets;
  /** With the sandbox only. */
  demoSecrets: DemoSecrets | undefined;
  /** Where the sandbox listens, when there is one. */
  sandboxPlace: SandboxPlace | undefined;
  /** The LMS's client at Portico, where Portico itself creates it. */
  lmsClient: ClientCredentials | undefined;
}

/** The database that a command uses, while it uses it. */
export interface OpenDatabase extends AsyncDisposable {
  /** Settings with the URL of the database. */
  config: Config;
  /** When it is the embedded one. */
  postgres: EmbeddedPostgres | undefined;
}

const embeddedUrl = 'postgres://embedded';

/** @throws ConfigurationError that lists everything that is missing or wrong */
export async function readProject(env: ProcessEnvironment): Promise<Project> {
  const plan = planRun(env);
  const home = homeFolder(env);
  if (plan.hasEmbeddedDatabase || plan.hasSandbox) await mkdir(home, { recursive: true });
  const demoSecrets = plan.hasSandbox ? await readOrCreateDemoSecrets(home) : undefined;
  let complete: ProcessEnvironment = { ...env, DATABASE_URL: env.DATABASE_URL || embeddedUrl };
  const sandboxPlace = plan.hasSandbox ? await placeSandbox(env) : undefined;
  if (sandboxPlace) complete = withSandbox(complete, sandboxPlace);
  if (demoSecrets && plan.hasGeneratedSecrets) complete = withDemoSecrets(complete, demoSecrets);
  const lmsClient = demoSecrets && { clientId: demoClientIds.lms, clientSecret: demoSecrets.lmsClientSecret };
  return { plan, home, demoSecrets, sandboxPlace, lmsClient, ...loadConfig(complete) };
}

/** Opens the embedded database, where that is used: the one of a running start, or one for as long as the command runs. */
export async function openDatabase({ plan, home, config }: Project, logger: Logger): Promise<OpenDatabase> {
  if (!plan.hasEmbeddedDatabase) return { config, postgres: undefined, async [Symbol.asyncDispose]() {} };
  const postgres = await openEmbeddedPostgres({ home, logger });
  return {
    config: { ...config, database: { ...config.database, url: postgres.url } },
    postgres,
    [Symbol.asyncDispose]: () => postgres[Symbol.asyncDispose](),
  };
}
