import { rejected } from '../upstream/answer.js';
import type { CallOptions } from '../upstream/call.js';
import type { RegistrarClient } from './registrar-client.js';

/**
 * Asks a Registrar whether it is well, its database included. It takes no credentials.
 *
 * @throws UpstreamUnavailableError when it is not
 * @see Registrar, `GET /health`
 */
export function readHeartbeat(client: Pick<RegistrarClient, 'request'>, options: CallOptions): Promise<void> {
  return client.request(
    {
      operation: 'health.read',
      family: 'heartbeat',
      method: 'GET',
      path: '/health',
      credentials: 'none',
      isIdempotent: true,
      read: (answer) => {
        // What stands before it does not let everybody ask: then it answers at least.
        if (answer.status >= 400 && answer.status !== 404) throw rejected('registrar', 'health.read', answer);
      },
    },
    options,
  );
}
