import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Client, errors } from 'oidc-provider';
import { DatabaseUnavailableError } from '../../errors.js';
import { type Form, peekForm } from './form.js';
import type { AuthenticateClient } from './known-client.js';

/**
 * Answers a plain request without the provider's machinery, exactly as the provider would.
 *
 * @param authenticate - the client that sends it, once it has proven itself
 * @returns JSON to be answered with 200, or `undefined` for whatever the provider must see: all that is refused, and all that is
 * not plain
 */
export type AnswerDirectly = (
  req: IncomingMessage,
  form: Form,
  authenticate: () => Promise<Client | undefined>,
) => Promise<string | undefined>;

/** Leaves it to one of several by the `grant_type` of the request. */
export function byGrantType(ways: ReadonlyMap<string, AnswerDirectly>): AnswerDirectly {
  return async (req, form, authenticate) => ways.get(form.grant_type ?? '')?.(req, form, authenticate);
}

export interface DirectDoors {
  post: Readonly<Record<string, AnswerDirectly>>;
  get: Readonly<Record<string, (req: IncomingMessage) => Promise<string | undefined>>>;
}

/** @returns what sends the answer; `undefined` when there is none, and the request is as it came */
export type DirectAnswers = (
  path: string,
  req: IncomingMessage,
) => Promise<((res: ServerResponse) => void) | undefined>;

/**
 * @param doors - by path, those for clients that POST a form, and those for who GETs with a token
 * @param headers - of every answer of the provider
 */
export function createDirectAnswers(
  doors: DirectDoors,
  authenticateClient: AuthenticateClient,
  headers: Record<string, string>,
): DirectAnswers {
  const ofAnswers = {
    ...headers,
    vary: 'Origin',
    'access-control-allow-origin': '*',
    'access-control-expose-headers': 'WWW-Authenticate',
    'cache-control': 'no-store',
    'content-type': 'application/json; charset=utf-8',
  };
  const bodyOf = async (path: string, req: IncomingMessage): Promise<string | undefined> => {
    if (req.method === 'GET') return req.url?.includes('?') ? undefined : doors.get[path]?.(req);
    const answer = req.method === 'POST' ? doors.post[path] : undefined;
    const form = answer && (await peekForm(req));
    return form && answer(req, form, () => authenticateClient(req, form));
  };
  return async (path, req) => {
    try {
      const body = await bodyOf(path, req);
      if (body === undefined) return undefined;
      // The body was looked at only, and must go for the next request on the connection.
      req.resume();
      return (res) => void res.writeHead(200, { ...ofAnswers, 'content-length': Buffer.byteLength(body) }).end(body);
    } catch (error) {
      // The provider finds out for itself, and answers it.
      if (error instanceof DatabaseUnavailableError || error instanceof errors.InvalidGrant) return undefined;
      throw error;
    }
  };
}
