import { findFreePort } from '../../embedded-postgres/free-port.js';
import type { ProcessEnvironment } from '../environment.js';
import { type DemoSecrets, workerTokenOf } from './demo-secrets.js';

const defaultLmsPort = 18_000;
const defaultSmtpPort = 18_025;
const defaultDiscoveryPort = 18_381;
const defaultRegistrarPort = 18_734;
const defaultIdentityPort = 18_900;

/** Client ids that Portico and the sandbox agree on in the demo. */
export const demoClientIds = {
  lms: 'lms',
  api: 'portico-api',
  worker: 'portico-worker',
  retirement: 'portico-retirement',
  partner: 'partner-demo',
  identity: 'portico',
};

export interface SandboxPlace {
  lmsPort: number;
  smtpPort: number;
  lmsUrl: string;
  discoveryPort: number;
  discoveryUrl: string;
  registrarPort: number;
  registrarUrl: string;
  /** Of the identity provider of `DemoU`. */
  identityPort: number;
  identityUrl: string;
  /** Of the sandbox's own event bus. */
  busPort: number;
}

/** Where the sandbox listens; other ports are for those who run two at a time. Its event bus takes any that is free. */
export async function placeSandbox(env: ProcessEnvironment): Promise<SandboxPlace> {
  const lmsPort = Number(env.SANDBOX_LMS_PORT || defaultLmsPort);
  const smtpPort = Number(env.SANDBOX_SMTP_PORT || defaultSmtpPort);
  const discoveryPort = await placeBeside(env, env.SANDBOX_DISCOVERY_PORT, defaultDiscoveryPort);
  const registrarPort = await placeBeside(env, env.SANDBOX_REGISTRAR_PORT, defaultRegistrarPort);
  const identityPort = await placeBeside(env, env.SANDBOX_IDENTITY_PORT, defaultIdentityPort);
  return {
    lmsPort,
    smtpPort,
    lmsUrl: `http://localhost:${lmsPort}`,
    discoveryPort,
    discoveryUrl: `http://localhost:${discoveryPort}`,
    registrarPort,
    registrarUrl: `http://localhost:${registrarPort}`,
    identityPort,
    identityUrl: `http://localhost:${identityPort}`,
    busPort: await findFreePort(),
  };
}

/** Whoever moves the LMS elsewhere has the other servers moved out of the way too, to any port that is free. */
async function placeBeside(env: ProcessEnvironment, setting: string | undefined, usual: number): Promise<number> {
  return setting ? Number(setting) : env.SANDBOX_LMS_PORT ? await findFreePort() : usual;
}

/** What the sandbox LMS puts into its JWTs, as a development LMS does. */
const sandboxJwtAudience = 'lms-key';

/** Settings with the sandbox as LMS, Discovery and mail server. What is set already stays. */
export function withSandbox(
  env: ProcessEnvironment,
  { lmsUrl, discoveryUrl, smtpPort, busPort }: SandboxPlace,
): ProcessEnvironment {
  return {
    HOST: 'localhost',
    ...env,
    OPENEDX_API_BASE_URL: lmsUrl,
    DISCOVERY_API_BASE_URL: env.DISCOVERY_API_BASE_URL || discoveryUrl,
    OPENEDX_JWT_AUDIENCE: env.OPENEDX_JWT_AUDIENCE || sandboxJwtAudience,
    SMTP_URL: env.SMTP_URL || `smtp://localhost:${smtpPort}`,
    OPENEDX_EVENT_BUS_REDIS_URL: env.OPENEDX_EVENT_BUS_REDIS_URL || busUrlOf(busPort),
  };
}

/** Where the sandbox serves its event bus when it is not given a Redis. */
export function busUrlOf(busPort: number): string {
  return `redis://127.0.0.1:${busPort}`;
}

/** Settings with the secrets of the demo. What is set already stays. */
export function withDemoSecrets(env: ProcessEnvironment, secrets: DemoSecrets): ProcessEnvironment {
  return {
    PORTICO_SECRET_KEYS: secrets.secretKeys,
    OPENEDX_API_CLIENT_ID: demoClientIds.api,
    OPENEDX_API_CLIENT_SECRET: secrets.apiClientSecret,
    OPENEDX_SERVICE_WORKER_CLIENT_ID: demoClientIds.worker,
    OPENEDX_SERVICE_WORKER_CLIENT_SECRET: secrets.workerClientSecret,
    OPENEDX_SERVICE_WORKER_API_TOKEN: workerTokenOf(secrets),
    OPENEDX_RETIREMENT_SERVICE_WORKER_CLIENT_ID: demoClientIds.retirement,
    OPENEDX_RETIREMENT_SERVICE_WORKER_CLIENT_SECRET: secrets.workerClientSecret,
    ...Object.fromEntries(Object.entries(env).filter(([, value]) => value)),
  };
}
