import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { Busboy, type BusboyInstance } from '@fastify/busboy';
import { AppError, InvalidInputError } from '../errors.js';

/** The body, or the file in it, is longer than the route takes. */
export class TooLargeError extends AppError {
  override readonly name = 'TooLargeError';
  readonly code = 'PAYLOAD_TOO_LARGE';
  readonly httpStatus = 413;
}

export interface FileRules {
  /** Name of the part. */
  field: string;
  mostBytes: number;
}

/**
 * Hands the one file of a multipart body (RFC 7578) on while it comes in, with the fields that came before it; later ones are dropped.
 *
 * @param take - reads the file to its end, or throws
 * @returns what `take` made of the file, when the body has ended well
 * @throws {@link TooLargeError}; InvalidInputError `NO_FILE` or `MALFORMED_BODY`; what `take` threw
 */
export function receiveFile<T>(
  body: Readable,
  headers: IncomingHttpHeaders,
  { field, mostBytes }: FileRules,
  take: (file: Readable, name: string, fields: Readonly<Record<string, string>>) => Promise<T>,
): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  let taken: Promise<T> | undefined;
  const parser = openParser(headers, mostBytes);
  const fields: Record<string, string> = Object.create(null);
  parser.on('field', (name, value) => {
    fields[name] = value;
  });
  parser.on('file', (name, file, fileName) => {
    // Also said of a file that nobody reads (any more), when the body ends before it does.
    file.on('error', (error) => stop(error instanceof AppError ? error : malformed(error)));
    if (name !== field || taken) {
      file.resume();
      return;
    }
    file.on('limit', () =>
      file.destroy(new TooLargeError(`The file is too large: ${mostBytes / 1024 / 1024} MB are taken.`)),
    );
    taken = take(file, fileName ?? '', fields);
    taken.catch(stop);
  });
  const stop = (error: unknown) => {
    body.unpipe(parser);
    // What is left of the body is read away, so that the sender hears the answer.
    body.resume();
    reject(error);
  };
  parser.on('error', (error) => stop(malformed(error)));
  parser.on('finish', () => {
    if (taken) taken.then(resolve, reject);
    else
      reject(
        new InvalidInputError(`Send the file as the part \`${field}\` of multipart/form-data, with a file name.`, {
          reason: 'NO_FILE',
        }),
      );
  });
  body.on('error', stop);
  body.on('close', () => {
    if (!body.readableEnded) stop(malformed(new Error('the connection was closed')));
  });
  body.pipe(parser);
  return promise;
}

function openParser(headers: IncomingHttpHeaders, fileSize: number): BusboyInstance {
  try {
    return new Busboy({
      headers: { ...headers, 'content-type': headers['content-type'] ?? '' },
      limits: { files: 5, fields: 20, fieldSize: 64 * 1024, parts: 25, fileSize },
    });
  } catch (error) {
    throw malformed(error);
  }
}

function malformed(cause: unknown): InvalidInputError {
  return new InvalidInputError(
    'The body is no multipart/form-data that can be read to its end: is its boundary in the Content-Type?',
    { reason: 'MALFORMED_BODY' },
    { cause },
  );
}
