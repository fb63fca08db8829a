import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { InvalidInputError } from '../../errors.js';
import { receiveFile, TooLargeError } from '../multipart-file.js';
import { badRequest, tooLarge, unreadable, unsupportedMediaType } from './refusal.js';

const mostBytes = 5 * 1024 * 1024;

/**
 * Hands the part `file` of a multipart body on while it comes in.
 *
 * @throws Refusal 415 for another type, 400 without a file or for a body or a file that cannot be read, 413 above 5 MiB
 */
export async function readUploadedFile<T>(
  request: IncomingMessage,
  take: (file: Readable, name: string) => Promise<T>,
): Promise<T> {
  const mediaType = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (mediaType === '') throw unreadable('No file content uploaded');
  if (mediaType !== 'multipart/form-data') throw unsupportedMediaType(mediaType);
  try {
    return await receiveFile(request, request.headers, { field: 'file', mostBytes }, take);
  } catch (error) {
    if (error instanceof TooLargeError) throw tooLarge(`Upload too large. Must be under ${mostBytes} bytes`);
    if (!(error instanceof InvalidInputError)) throw error;
    if (error.reason === 'NO_FILE') throw unreadable('No file content uploaded');
    throw error.reason === 'MALFORMED_BODY' ? unreadable(error.message) : badRequest(error.message);
  }
}
