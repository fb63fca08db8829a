import { type UpstreamName, UpstreamRejectedError } from '../../errors.js';
import type { UpstreamAnswer } from './call.js';
import { labels, unavailable } from './failure.js';
import { readRetryAfterSeconds } from './retry-after.js';
import type { RawAnswer } from './transport.js';

/**
 * Sorts a raw answer: what is a state of the upstream is thrown, what concerns this call is returned.
 *
 * @param options - `reads500`, `isFile`: as the call says
 * @throws UpstreamUnavailableError on 3xx, 408, 425, 429, 5xx, and on a success that should be JSON and is not
 */
export function decodeAnswer(
  upstream: UpstreamName,
  raw: RawAnswer,
  {
    isWrite,
    reads500 = false,
    isFile = false,
    now,
  }: { isWrite: boolean; reads500?: boolean | undefined; isFile?: boolean | undefined; now: Date },
): UpstreamAnswer {
  const { status } = raw;
  if (status >= 500 && !(status === 500 && reads500)) {
    const retryAfter = raw.headers['retry-after'];
    throw unavailable(upstream, 'server-error', {
      status,
      mayHaveHappened: isWrite,
      retryAfterSeconds: retryAfter === undefined ? undefined : readRetryAfterSeconds(retryAfter, '', now),
    });
  }
  if (status === 429)
    throw unavailable(upstream, 'throttled', {
      status,
      retryAfterSeconds: readRetryAfterSeconds(raw.headers['retry-after'], raw.text, now),
    });
  if (status === 408 || status === 425) throw unavailable(upstream, 'timeout', { status });
  if (isFile) return readFile(raw);
  // A redirect means a wrong path or host: following it would lose the body of a write and could leak the token.
  if (status >= 300 && status < 400) throw unavailable(upstream, 'bad-answer', { status });
  const contentType = headerText(raw.headers['content-type']);
  const isJson =
    raw.text.length > 0 && contentType !== undefined && /^application\/([\w.+-]+\+)?json\b/i.test(contentType);
  const isSuccess = status < 300;
  if (!isJson && isSuccess && raw.text.length > 0)
    throw unavailable(upstream, 'bad-answer', { status, mayHaveHappened: isWrite });
  return {
    status,
    contentType,
    isJson,
    body: isJson ? parseJson(upstream, raw, isSuccess && isWrite) : undefined,
  };
}

function readFile({ status, headers, text }: RawAnswer): UpstreamAnswer {
  const contentType = headerText(headers['content-type']);
  return {
    status,
    contentType,
    isJson: false,
    body: undefined,
    file: { text, location: headerText(headers.location) },
  };
}

function parseJson(upstream: UpstreamName, raw: RawAnswer, mayHaveHappened: boolean): unknown {
  try {
    return JSON.parse(raw.text);
  } catch (cause) {
    throw unavailable(upstream, 'bad-answer', { status: raw.status, mayHaveHappened, cause });
  }
}

function headerText(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

/** The error for an answer that says no, with its JSON for the one module that knows the endpoint. */
export function rejected(upstream: UpstreamName, operation: string, answer: UpstreamAnswer): UpstreamRejectedError {
  return new UpstreamRejectedError(`${labels[upstream]} refused a request (${operation}, status ${answer.status}).`, {
    upstream,
    status: answer.status,
    body: answer.body,
  });
}
