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
}

/** Where the sandbox listens; other ports are for those who run two at a time. */
export function placeSandbox(env: ProcessEnvironment): SandboxPlace {
  const lmsPort = Number(env.SANDBOX_LMS_PORT || defaultLmsPort);
  const smtpPort = Number(env.SANDBOX_SMTP_PORT || defaultSmtpPort);
  return { lmsPort, smtpPort, lmsUrl: `http://localhost:${lmsPort}` };
}

/** Settings with the sandbox as LMS and mail server. What is set already stays. */
export function withSandbox(env: ProcessEnvironment, { lmsUrl, smtpPort }: SandboxPlace): ProcessEnvironment {
  return {
    HOST: 'localhost',
    ...env,
    OPENEDX_API_BASE_URL: lmsUrl,
    SMTP_URL: env.SMTP_URL || `smtp://localhost:${smtpPort}`,
  };
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
