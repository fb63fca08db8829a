import { type UnavailableCause, type UpstreamName, UpstreamUnavailableError } from '../../errors.js';

export const labels: Record<UpstreamName, string> = { lms: 'The LMS', registrar: 'Registrar', discovery: 'Discovery' };

const sentences: Record<UnavailableCause, string> = {
  unreachable: 'cannot be reached at the moment. Try again later.',
  timeout: 'takes too long to answer. Try again later.',
  'server-error': 'answered with an error of its own. Try again later.',
  throttled: 'does not take more requests at the moment. Try again later.',
  'circuit-open': 'failed several times in a row and is left alone for a moment. Try again later.',
  'bad-answer': 'gave an answer that cannot be understood.',
  credentials: "does not accept Portico's credentials. An operator must correct them.",
};

interface FailureDetails {
  status?: number | undefined;
  mayHaveHappened?: boolean | undefined;
  retryAfterSeconds?: number | undefined;
  cause?: unknown;
}

/** An {@link UpstreamUnavailableError} with the sentence that belongs to its cause. */
export function unavailable(
  upstream: UpstreamName,
  why: UnavailableCause,
  { status, mayHaveHappened, retryAfterSeconds, cause }: FailureDetails = {},
): UpstreamUnavailableError {
  return new UpstreamUnavailableError(
    `${labels[upstream]} ${sentences[why]}`,
    {
      upstream,
      why,
      ...(status === undefined ? {} : { status }),
      ...(mayHaveHappened === undefined ? {} : { mayHaveHappened }),
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    },
    cause === undefined ? undefined : { cause },
  );
}

/** Errors of connecting: the request never left, so even a write may be tried again. */
const unsentCodes = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_HAS_EXPIRED',
]);

/** The system's code of a network error (`ECONNREFUSED`), looked for through its causes. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('code' in error && typeof error.code === 'string') return error.code;
  // Happy eyeballs: all addresses of a name failed.
  return error instanceof AggregateError ? codeOf(error.errors[0]) : codeOf(error.cause);
}

/** Whether a network error proves that the upstream has not seen the request. */
export function isUnsent(error: unknown): boolean {
  const code = codeOf(error);
  return code !== undefined && unsentCodes.has(code);
}
