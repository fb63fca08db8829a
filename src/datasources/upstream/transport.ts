import { Pool } from 'undici';
import type { UpstreamName } from '../../errors.js';
import { codeOf, isUnsent, unavailable } from './failure.js';

export interface RawRequest {
  method: string;
  /** Path and query, percent-encoded. */
  path: string;
  headers: Record<string, string>;
  body?: string | undefined;
  /** Ends the exchange: the end of one try. */
  signal: AbortSignal;
  /** Whether a lost answer may mean a done deed. */
  isWrite: boolean;
}

export interface RawAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

export interface Transport extends AsyncDisposable {
  exchange(request: RawRequest): Promise<RawAnswer>;
}

const connectTimeoutMs = 3000;
/** Below the idle timeout of the servers that usually stand in front of an LMS, so that we are the side that hangs up. */
const keepAliveMs = 4000;

/**
 * One keep-alive connection pool to one origin. It keeps no cookies and follows no redirects.
 *
 * @param connections - most sockets that are open at a time
 * @param maxBytes - a longer body is a bad answer
 */
export function createTransport({
  upstream,
  baseUrl,
  connections,
  maxBytes,
}: {
  upstream: UpstreamName;
  baseUrl: string;
  connections: number;
  maxBytes: number;
}): Transport {
  const { origin, pathname } = new URL(baseUrl);
  const prefix = pathname.replace(/\/+$/, '');
  const pool = new Pool(origin, {
    connections,
    pipelining: 1,
    keepAliveTimeout: keepAliveMs,
    connect: { timeout: connectTimeoutMs },
    // Deadlines are the signal's business; undici's own would cut the long calls of jobs.
    headersTimeout: 0,
    bodyTimeout: 0,
    maxResponseSize: maxBytes,
  });
  return {
    async exchange({ method, path, headers, body, signal, isWrite }) {
      let status: number | undefined;
      try {
        const answer = await pool.request({ method, path: prefix + path, headers, body: body ?? null, signal });
        status = answer.statusCode;
        return { status, headers: answer.headers, text: await answer.body.text() };
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        if (isUnsent(error)) throw unavailable(upstream, 'unreachable', { cause: error });
        if (codeOf(error) === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') {
          const cause = new Error(`an answer of more than ${maxBytes} bytes`);
          throw unavailable(upstream, 'bad-answer', { status, mayHaveHappened: isWrite, cause });
        }
        // With a status the answer had begun: it was cut off.
        throw unavailable(upstream, status === undefined ? 'unreachable' : 'bad-answer', {
          status,
          mayHaveHappened: isWrite,
          cause: error,
        });
      }
    },
    async [Symbol.asyncDispose]() {
      await pool.destroy();
    },
  };
}
