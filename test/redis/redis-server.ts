import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { eventually } from '../support/eventually.js';
import { findTestPort } from '../support/test-port.js';

/** A Redis of a test's own, which keeps what it was told over a restart, as one in production does. */
export interface RedisServer extends AsyncDisposable {
  url: string;
  /** SIGKILL: nothing is written any more. */
  kill(): Promise<void>;
  /** On the same port, with what it held. */
  start(): Promise<void>;
}

/** @param password - asked of its clients; `url` then holds it */
export async function startRedisServer({ password }: { password?: string } = {}): Promise<RedisServer> {
  const port = await findTestPort();
  const folder = await mkdtemp(join(tmpdir(), 'portico-test-redis-'));
  const url = `redis://${password === undefined ? '' : `:${password}@`}127.0.0.1:${port}`;
  let running: ChildProcess | undefined;

  const start = async () => {
    const settings = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
    const durable = ['--appendonly', 'yes', '--appendfsync', 'always'];
    const guarded = password === undefined ? [] : ['--requirepass', password];
    running = spawn('redis-server', [...settings, ...durable, ...guarded], { stdio: 'ignore' });
    await once(running, 'spawn');
    await eventually('the redis-server answers', () => answers(url));
  };
  const kill = async () => {
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    const ended = once(running, 'exit');
    running.kill('SIGKILL');
    await ended;
  };

  await start();
  return {
    url,
    kill,
    start,
    async [Symbol.asyncDispose]() {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function answers(url: string): Promise<boolean> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
  redis.on('error', () => {});
  try {
    await redis.connect();
    return (await redis.ping()) === 'PONG';
  } catch {
    return false;
  } finally {
    redis.disconnect();
  }
}
