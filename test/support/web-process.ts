import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { eventually } from './eventually.js';
import { findTestPort } from './test-port.js';

/** `portico web` of the built product in a process of its own, on a database that is there; ended when disposed. */
export interface WebProcess extends AsyncDisposable {
  url: string;
}

/**
 * @param env - the settings; the port is chosen here, and the process answers under it beside the public URL
 * @throws what the process wrote, when it ends before it is ready
 */
export async function startWebProcess(env: Record<string, string>): Promise<WebProcess> {
  const port = await findTestPort();
  const url = `http://localhost:${port}`;
  const child = spawn(process.execPath, ['bin/portico.js', 'web'], {
    env: {
      PATH: process.env.PATH,
      HOST: 'localhost',
      ...env,
      PORT: String(port),
      PORTICO_ALLOWED_HOSTS: `localhost:${port}`,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = Promise.all([text(child.stdout), text(child.stderr)]);
  const ended = once(child, 'exit');
  await eventually(
    'the process is ready',
    async () => {
      if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}:\n${(await output).join('\n')}`);
      return fetch(`${url}/health/ready`).then(
        ({ ok }) => ok,
        () => false,
      );
    },
    { deadlineMs: 60_000 },
  );
  return {
    url,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
