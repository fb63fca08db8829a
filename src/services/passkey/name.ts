import { InvalidInputError } from '../../errors.js';

const longest = 60;

/**
 * What a person calls a passkey.
 *
 * @throws {@link InvalidInputError} `NAME_INVALID`
 */
export function parsePasskeyName(typed: string): string {
  const name = typed.normalize().replace(/\s+/g, ' ').trim();
  if (name !== '' && name.length <= longest && !/\p{Cc}/u.test(name)) return name;
  throw new InvalidInputError('Give it a name of up to {count} characters, e.g. “Phone”.', {
    values: { count: longest },
    field: ['name'],
    reason: 'NAME_INVALID',
  });
}
