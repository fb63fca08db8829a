import { createServer } from 'node:net';

/** Asks the system for a TCP port of loopback that nothing listens on. Another process may take it before it is used. */
export function findFreePort(): Promise<number> {
  return listenBriefly(0);
}

/** Whether nothing listens on a TCP port of loopback at this moment. */
export function isFreePort(port: number): Promise<boolean> {
  return listenBriefly(port).then(
    () => true,
    () => false,
  );
}

/** @returns the port that was listened on */
function listenBriefly(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(port, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
