import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  AppError,
  FilesUnavailableError,
  ForbiddenError,
  NotFoundError,
  RateLimitedError,
  UnauthenticatedError,
  UpstreamUnavailableError,
} from '../errors.js';

/** Open edX's services answer errors as Django REST framework does: `{"detail": "…"}`, in these words. */
export const edxTexts = {
  noCredentials: 'Authentication credentials were not provided.',
  badToken: 'Invalid token.',
  namelessToken: 'JWT must include a preferred_username or username claim!',
  forbidden: 'You do not have permission to perform this action.',
  notFound: 'Not found.',
  badPage: 'Invalid page.',
} as const;

/**
 * Answers an error as the LMS would.
 *
 * @throws what is no error that a caller may see
 */
export function sendEdxError(request: FastifyRequest, reply: FastifyReply, error: unknown): FastifyReply {
  if (!(error instanceof AppError)) throw error;
  if (error instanceof UnauthenticatedError) {
    const body = error.reason === 'NAMELESS' ? { detail: edxTexts.namelessToken } : describeCredentials(request);
    return reply.code(401).header('www-authenticate', 'JWT realm="api"').send(body);
  }
  if (error instanceof ForbiddenError) return reply.code(403).send({ detail: edxTexts.forbidden });
  if (error instanceof NotFoundError) return reply.code(404).send({ detail: edxTexts.notFound });
  const waits =
    error instanceof RateLimitedError ||
    error instanceof UpstreamUnavailableError ||
    error instanceof FilesUnavailableError;
  if (waits && error.retryAfterSeconds !== undefined) reply.header('retry-after', Math.ceil(error.retryAfterSeconds));
  return reply.code(error.httpStatus).send({ detail: error.message });
}

/** What is wrong with the credentials of a request, by the scheme that they came with. */
function describeCredentials({ headers }: FastifyRequest): object {
  const [scheme = '', ...words] = (headers.authorization ?? '').trim().split(/ +/);
  switch (scheme.toLowerCase()) {
    case 'jwt':
      return { detail: words.length === 1 ? edxTexts.badToken : edxTexts.noCredentials };
    case 'bearer':
    case 'dpop':
      return describeBearer(words.length);
    default:
      return { detail: edxTexts.noCredentials };
  }
}

function describeBearer(words: number): object {
  if (words === 0)
    return {
      error_code: 'token_not_provided',
      developer_message: 'Invalid token header. No credentials provided.',
    };
  if (words > 1)
    return {
      error_code: 'token_malformed',
      developer_message: 'Invalid token header. Token string should not contain spaces.',
    };
  return {
    error_code: 'token_nonexistent',
    developer_message: 'The provided access token does not match any valid tokens.',
  };
}
