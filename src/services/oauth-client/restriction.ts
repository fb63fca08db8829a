import { defaultScope } from '../../access/scopes.js';
import type { ClientRestriction } from '../../entities/oauth-client.entity.js';
import { InvalidInputError } from '../../errors.js';

/** As many and as long as Open edX keeps of an application's filters and scopes. */
const mostValues = 25;
const longestValue = 255;

/**
 * Checks what a client shall be held to.
 *
 * @throws {@link InvalidInputError} naming the field
 */
export function parseRestriction(
  { mode, organizations, providers, scopes }: ClientRestriction,
  client: { readonly scopes: readonly string[] },
): ClientRestriction {
  const restriction = {
    mode,
    organizations: [...new Set(organizations)],
    providers: [...new Set(providers)],
    scopes: [...new Set(scopes)],
  };
  for (const field of ['organizations', 'providers', 'scopes'] as const) {
    const values = restriction[field];
    if (values.length > mostValues) throw refuse(field, 'TOO_MANY', `At most ${mostValues} are possible.`);
    for (const value of values)
      if (value.length > longestValue || !/^[\x21-\x7e]+$/.test(value))
        throw refuse(field, 'INVALID', `${JSON.stringify(value)} is no name of that kind.`);
  }
  const registered = client.scopes.length > 0 ? client.scopes : [defaultScope];
  const foreign = restriction.scopes.find((scope) => !registered.includes(scope));
  if (foreign !== undefined)
    throw refuse('scopes', 'UNKNOWN_SCOPE', `The client is not registered for the scope ${JSON.stringify(foreign)}.`);
  return restriction;
}

function refuse(field: keyof ClientRestriction, reason: string, message: string): InvalidInputError {
  return new InvalidInputError(message, { field: [field], reason });
}
