import { isFreePort } from '../../src/embedded-postgres/free-port.js';

/** Each worker of the test run has ports of its own, below those that the system gives to whoever asks for any (from 32768). */
const portsOfWorker = 1000;
const firstPort = 12_000 + (Number(process.env.VITEST_POOL_ID ?? 0) % 20) * portsOfWorker;
/** Another run on the same machine begins elsewhere. */
let given = (process.pid * 61) % portsOfWorker;

/**
 * A TCP port of loopback for something that must know its address before it listens. Whatever listens on any port, or calls out
 * from one, cannot take it meanwhile.
 */
export async function findTestPort(): Promise<number> {
  for (let tries = 0; tries < portsOfWorker; tries++) {
    const port = firstPort + (given++ % portsOfWorker);
    if (await isFreePort(port)) return port;
  }
  throw new Error(`no port from ${firstPort} on is free`);
}
