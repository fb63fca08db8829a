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

/** Answers a GET by what the URL and its headers say. @returns `undefined` as {@link AnswerDirectly} does */
export type AnswerGetDirectly = (req: IncomingMessage) => Promise<string | undefined>;

/** By path, without trailing slash. */
export interface DirectDoors {
  post: Readonly<Record<string, AnswerDirectly>>;
  /** For requests without a query. */
  get: Readonly<Record<string, AnswerGetDirectly>>;
  /** These answer where to send the browser. */
  redirect: Readonly<Record<string, AnswerGetDirectly>>;
}

/** @returns what sends the answer; `undefined` when there is none, and the request is as it came */
export type DirectAnswers = (
  path: string,
  req: IncomingMessage,
) => Promise<((res: ServerResponse) => void) | undefined>;

interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** @param headers - of every answer of the provider */
export function createDirectAnswers(
  doors: DirectDoors,
  authenticateClient: AuthenticateClient,
  headers: Record<string, string>,
): DirectAnswers {
  const ofAll = { ...headers, 'cache-control': 'no-store' };
  const ofJson = {
    ...ofAll,
    vary: 'Origin',
    'access-control-allow-origin': '*',
    'access-control-expose-headers': 'WWW-Authenticate',
    'content-type': 'application/json; charset=utf-8',
  };
  const ofRedirect = { ...ofAll, 'content-type': 'text/html; charset=utf-8' };
  const json = (body: string | undefined): Answer | undefined =>
    body === undefined ? undefined : { status: 200, headers: ofJson, body };

  const answerGet = async (path: string, req: IncomingMessage): Promise<Answer | undefined> => {
    if (!req.url?.includes('?')) return json(await doors.get[path]?.(req));
    const url = takesHtml(req) ? await doors.redirect[path]?.(req) : undefined;
    if (url === undefined) return undefined;
    const body = `Redirecting to ${url.replaceAll('&', '&amp;')}.`;
    return { status: 303, headers: { ...ofRedirect, location: url }, body };
  };
  const answerPost = async (path: string, req: IncomingMessage): Promise<Answer | undefined> => {
    const door = doors.post[path];
    const form = door && (await peekForm(req));
    return json(form && (await door(req, form, () => authenticateClient(req, form))));
  };
  return async (path, req) => {
    try {
      const isGet = req.method === 'GET';
      const answer = isGet || req.method === 'POST' ? await (isGet ? answerGet : answerPost)(path, req) : undefined;
      if (!answer) return undefined;
      const { status, headers: own, body } = answer;
      // The body was looked at only, and must go for the next request on the connection.
      req.resume();
      return (res) => void res.writeHead(status, { ...own, 'content-length': Buffer.byteLength(body) }).end(body);
    } catch (error) {
      // The provider finds out for itself, and answers it.
      if (error instanceof DatabaseUnavailableError || error instanceof errors.InvalidGrant) return undefined;
      throw error;
    }
  };
}

/** Whether the words that go with a redirect are sent as HTML; to who says that they take none of it, the provider sends text. */
function takesHtml({ headers: { accept } }: IncomingMessage): boolean {
  return (
    accept === undefined || (/(^|,) ?(text\/html|\*\/\*) ?(,|;|$)/.test(accept) && !/q=0(\.0*)? ?(,|$)/.test(accept))
  );
}
