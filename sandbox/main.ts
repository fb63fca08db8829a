import { startSandbox } from './start.js';

const env = process.env;

/** Runs the sandbox LMS and the mail catcher as a process: settings from the environment, ready when it says so in one JSON line. */
async function main(): Promise<void> {
  const staticToken = env.SANDBOX_WORKER_TOKEN;
  const sandbox = await startSandbox({
    ...(env.SANDBOX_DIR ? { dir: env.SANDBOX_DIR } : {}),
    ...(env.SANDBOX_CONFIGURATION ? { configuration: env.SANDBOX_CONFIGURATION } : {}),
    lmsPort: Number(env.SANDBOX_LMS_PORT ?? 18_000),
    discoveryPort: portOf(env.SANDBOX_DISCOVERY_PORT, 18_381),
    registrarPort: portOf(env.SANDBOX_REGISTRAR_PORT, 18_734),
    identityPort: portOf(env.SANDBOX_IDENTITY_PORT, 18_900),
    ...(env.SANDBOX_IDENTITY_CLIENT_SECRET
      ? { identityClient: { clientId: 'portico', clientSecret: env.SANDBOX_IDENTITY_CLIENT_SECRET } }
      : {}),
    smtpPort: Number(env.SANDBOX_SMTP_PORT ?? 18_025),
    ...(env.SANDBOX_BUS_URL || env.SANDBOX_BUS_PORT
      ? {
          eventBus: {
            ...(env.SANDBOX_BUS_URL ? { url: env.SANDBOX_BUS_URL } : { port: Number(env.SANDBOX_BUS_PORT) }),
            topic: env.SANDBOX_BUS_TOPIC ?? 'learning',
          },
        }
      : {}),
    porticoUrl: env.SANDBOX_PORTICO_URL ?? 'http://localhost:8053',
    sso: {
      clientId: env.SANDBOX_SSO_CLIENT_ID ?? 'sandbox-lms',
      clientSecret: env.SANDBOX_SSO_CLIENT_SECRET ?? 'sandbox-lms-secret',
    },
    apiClient: {
      clientId: env.SANDBOX_API_CLIENT_ID ?? 'portico-code',
      clientSecret: env.SANDBOX_API_CLIENT_SECRET ?? 'portico-code-secret',
    },
    worker: {
      clientId: env.SANDBOX_WORKER_CLIENT_ID ?? 'portico-worker',
      clientSecret: env.SANDBOX_WORKER_CLIENT_SECRET ?? 'portico-worker-secret',
      username: 'portico_worker',
      ...(staticToken ? { staticToken } : {}),
    },
    retirement: {
      clientId: env.SANDBOX_RETIREMENT_CLIENT_ID ?? 'portico-retirement',
      clientSecret: env.SANDBOX_RETIREMENT_CLIENT_SECRET ?? 'portico-retirement-secret',
    },
  });
  let isStopping = false;
  const stop = (): void => {
    if (isStopping) return;
    isStopping = true;
    sandbox.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGTERM', stop).on('SIGINT', stop);
  // A parent that is gone takes its sandbox with it: by the IPC channel, or by the standard input that it held open.
  if (process.channel) process.on('disconnect', stop);
  else if (env.SANDBOX_STOP_WITH_STDIN === '1') process.stdin.on('end', stop).resume();
  const { lmsUrl: lms, discoveryUrl: discovery, registrarUrl: registrar, smtpUrl: smtp } = sandbox;
  process.stdout.write(`${JSON.stringify({ ready: true, lms, discovery, registrar, smtp })}\n`);
}

/** Whoever moves the LMS elsewhere has the other servers moved out of the way too, to any port that is free. */
function portOf(setting: string | undefined, usual: number): number {
  return Number(setting ?? (env.SANDBOX_LMS_PORT === undefined ? usual : 0));
}

main().catch((error: unknown) => {
  process.stderr.write(`The sandbox did not start: ${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
});
