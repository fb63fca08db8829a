import type { IncomingMessage } from 'node:http';
import { badRequest, tooLarge, unreadable, unsupportedMediaType } from './refusal.js';

/** Far more than 25 rows take. */
const mostBytes = 1024 * 1024;
/** Accepted by that API, and never a list. */
const forms = new Set(['application/x-www-form-urlencoded', 'multipart/form-data']);

/**
 * Reads a body of JSON.
 *
 * @throws Refusal 415 for another type, 400 for what is no JSON in UTF-8, 413 for too much
 */
export async function readJsonBody(request: IncomingMessage): Promise<unknown> {
  const mediaType = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (forms.has(mediaType)) throw badRequest('expected request body type: List');
  if (mediaType !== '' && mediaType !== 'application/json') throw unsupportedMediaType(mediaType);
  const bytes = await readBytes(request);
  if (bytes.length === 0) return undefined;
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (error) {
    throw unreadable(`JSON parse error - ${error instanceof Error ? error.message : 'it cannot be read'}`);
  }
}

async function readBytes(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > mostBytes) throw tooLarge(`Upload too large. Must be under ${mostBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
