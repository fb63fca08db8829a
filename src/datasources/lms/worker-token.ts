import { decodeJwt } from 'jose';
import type { Clock } from '../../clock.js';
import type { ClientCredentials } from '../../config/secrets.js';
import type { Logger } from '../../logger.js';
import { untilAborted } from '../upstream/abort.js';
import type { CallOptions } from '../upstream/call.js';
import { unavailable } from '../upstream/failure.js';
import type { Upstream } from '../upstream/upstream.js';
import type { WorkerCredentials } from '../upstream/worker-credentials.js';
import { requestToken } from './token-endpoint.js';

/** Renewed this long before its end, so that no call under way outlives its token; a fifth of a life that is shorter than that allows. */
const renewBeforeMs = 60_000;
/** After a refusal the endpoint is left alone for this long: asking again at once would only spend its limit. */
const refusalPauseMs = 5000;

interface Held {
  authorization: string;
  /** Both in epoch milliseconds. */
  renewAt: number;
  expiresAt: number;
}

/**
 * The service worker's token by client credentials, as JWT: some LMS views read no opaque token. Fetched once for all who
 * wait, kept in memory, renewed before its end, and once when the LMS refuses it.
 */
export function createWorkerToken(
  upstream: Pick<Upstream, 'call'>,
  { client, clock, logger }: { client: ClientCredentials; clock: Clock; logger: Logger },
): WorkerCredentials {
  let held: Held | undefined;
  let fetching: Promise<Held> | undefined;
  let refusedAt: number | undefined;

  const fetchToken = async (options: CallOptions): Promise<Held> => {
    const outcome = await requestToken(
      upstream,
      client,
      { grant_type: 'client_credentials', token_type: 'jwt' },
      // The token is for everyone: neither the first caller's leaving nor its deadline ends the fetch.
      { purpose: options.purpose, priority: options.priority, isIdempotent: true },
    );
    if (outcome.kind !== 'granted') {
      refusedAt = clock().getTime();
      const code = outcome.kind === 'misconfigured' ? outcome.code : outcome.kind;
      logger.error({ code }, "the LMS refuses the service worker's OAuth client");
      throw unavailable('lms', 'credentials', { cause: new Error(code) });
    }
    const { scheme, accessToken, expiresInSeconds } = outcome.token;
    const lifeMs = expiresInSeconds * 1000;
    const expiresAt = clock().getTime() + lifeMs;
    held = {
      authorization: `${scheme} ${accessToken}`,
      renewAt: expiresAt - Math.min(renewBeforeMs, lifeMs / 5),
      expiresAt,
    };
    return held;
  };

  return {
    async authorization(options) {
      const now = clock().getTime();
      if (held && held.renewAt > now) return held.authorization;
      if (refusedAt !== undefined && now - refusedAt < refusalPauseMs) throw unavailable('lms', 'credentials');
      fetching ??= fetchToken(options).finally(() => {
        fetching = undefined;
      });
      return (await waitFor(fetching, options)).authorization;
    },
    reject(authorization) {
      // Another call may have renewed it already.
      if (held?.authorization === authorization) held = undefined;
      return true;
    },
    expiresAt: () => (held ? new Date(held.expiresAt) : undefined),
  };
}

async function waitFor(fetching: Promise<Held>, { signal, deadline }: CallOptions): Promise<Held> {
  const tooLate = deadline && AbortSignal.timeout(Math.ceil(deadline.remainingMs()));
  const leaving = [signal, tooLate].filter((each) => each !== undefined);
  try {
    return await untilAborted(fetching, AbortSignal.any(leaving));
  } catch (error) {
    if (tooLate?.aborted && error === tooLate.reason) throw unavailable('lms', 'timeout', { cause: error });
    throw error;
  }
}

/**
 * A token that an operator made by hand; a refusal is final.
 *
 * @param expiresAt - as the operator says; a JWT says it itself
 */
export function createStaticWorkerToken(token: string, expiresAt: Date | undefined): WorkerCredentials {
  const end = expiresAt ?? readExpiry(token);
  return {
    authorization: async () => `Bearer ${token}`,
    reject: () => false,
    expiresAt: () => end,
  };
}

function readExpiry(token: string): Date | undefined {
  try {
    const { exp } = decodeJwt(token);
    return exp === undefined ? undefined : new Date(exp * 1000);
  } catch {
    return undefined;
  }
}
