import { networkInterfaces } from 'node:os';
import type { FastifyInstance } from 'fastify';

/**
 * Begins to take connections.
 *
 * @param host - `::` means every address, of both families where the system has IPv6
 * @throws Error that says what to do when the port is taken or not ours to use
 */
export async function listen(app: FastifyInstance, { port, host }: { port: number; host: string }): Promise<void> {
  try {
    await app.listen({ port, host: host === '::' && !hasIpv6() ? '0.0.0.0' : host });
  } catch (error) {
    const advice = error instanceof Error && 'code' in error ? adviceFor(error.code, port) : undefined;
    throw advice === undefined ? error : new Error(advice, { cause: error });
  }
}

function adviceFor(code: unknown, port: number): string | undefined {
  if (code === 'EADDRINUSE') return `Port ${port} is taken by another program. End that, or set PORT to another one.`;
  if (code === 'EACCES') return `Port ${port} may not be used by this user. Set PORT to one above 1023.`;
  return undefined;
}

function hasIpv6(): boolean {
  return Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ family }) => family === 'IPv6'));
}
