import { InvalidInputError } from '../../errors.js';

/** The LMS separates by these what it is told of learners; a key with one of them can never be tied to anybody. */
const separators = /[:,\r\n]/;

/**
 * A school's id for a learner, as it may be written here.
 *
 * @throws {@link InvalidInputError} naming the field
 */
export function readExternalKey(key: string, field: string): string {
  const trimmed = key.trim();
  if (trimmed === '' || trimmed.length > 255 || separators.test(trimmed))
    throw new InvalidInputError('The key of a learner has 1 to 255 characters, without “:”, “,” and line breaks.', {
      field: [field],
    });
  return trimmed;
}
