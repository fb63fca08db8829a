import { AppError, InvalidInputError } from '../../errors.js';

/** Something in a document that cannot be as it is. */
export interface Mistake {
  /** Where: `clients[0].scopes`; empty for the document itself. */
  place: string;
  message: string;
}

/** One error for all of them, so that they are put right in one go. */
export function mistaken(mistakes: readonly Mistake[]): InvalidInputError {
  const lines = mistakes.map(({ place, message }) => `  - ${place === '' ? 'the file' : place}: ${message}`);
  return new InvalidInputError(`Nothing was changed. These need attention:\n${lines.join('\n')}`, {
    field: mistakes.map(({ place }) => place),
    reason: 'INVALID_INSTALLATION',
  });
}

/** What a service refuses of a row, at its place. @throws what is no refusal */
export function asMistake(place: string, error: unknown): Mistake {
  if (!(error instanceof AppError)) throw error;
  const field = error instanceof InvalidInputError ? error.field.join('.') : '';
  return { place: field === '' ? place : `${place}.${field}`, message: error.message };
}
