import { findFreePort } from '../../embedded-postgres/free-port.js';
import type { ProcessEnvironment } from '../environment.js';
import { type DemoSecrets, workerTokenOf } from './demo-secrets.js';

const defaultLmsPort = 18_000;
const defaultSmtpPort = 18_025;

/** Client ids that Portico and the sandbox LMS agree on in the demo. */
export const demoClientIds = {
  lms: 'lms',
  api: 'portico-api',
  worker: 'portico-worker',
  retirement: 'portico-retirement',
  partner: 'partner-demo',
};

export interface SandboxPlace {
  lmsPort: number;
  smtpPort: number;
  lmsUrl: string;
  /** Of the sandbox's own event bus. */
  busPort: number;
}

/** Where the sandbox listens; other ports are for those who run two at a time. Its event bus takes any that is free. */
export async function placeSandbox(env: ProcessEnvironment): Promise<SandboxPlace> {
  const lmsPort = Number(env.SANDBOX_LMS_PORT || defaultLmsPort);
  const smtpPort = Number(env.SANDBOX_SMTP_PORT || defaultSmtpPort);
  return { lmsPort, smtpPort, lmsUrl: `http://localhost:${lmsPort}`, busPort: await findFreePort() };
}

/** Settings with the sandbox as LMS and mail server. What is set already stays. */
export function withSandbox(env: ProcessEnvironment, { lmsUrl, smtpPort, busPort }: SandboxPlace): ProcessEnvironment {
  return {
    HOST: 'localhost',
    ...env,
    OPENEDX_API_BASE_URL: lmsUrl,
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
