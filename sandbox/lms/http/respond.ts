import type { ServerResponse } from 'node:http';
import type { Answer } from './answer.js';
import type { Call } from './call.js';

/** Writes an answer with the headers that the LMS puts on every answer. HEAD gets the headers only. */
export function respond(response: ServerResponse, call: Call, answer: Answer): void {
  const body = Buffer.from(answer.body ?? '');
  response.statusCode = answer.status;
  response.sendDate = false;
  response.setHeader('Date', call.now.toUTCString());
  if (answer.contentType !== null) response.setHeader('Content-Type', answer.contentType);
  for (const [name, value] of answer.headers) response.setHeader(name, value);
  response.setHeader('X-Frame-Options', 'DENY');
  response.setHeader('Vary', 'Accept-Language, origin, Cookie');
  response.setHeader('Content-Language', 'en');
  if (answer.status !== 204) response.setHeader('Content-Length', body.length);
  const cookies = call.cookiesToSet;
  if (cookies.length > 0) response.setHeader('Set-Cookie', cookies);
  response.end(call.method === 'HEAD' || answer.status === 204 ? undefined : body);
}
