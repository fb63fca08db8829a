import type { EntityManager } from '@mikro-orm/postgresql';
import { AccountEntity } from '../../entities/account.entity.js';
import { InvalidInputError } from '../../errors.js';
import { type CheckClient, type ClientFields, type ClientInput, parseClientInput } from './input.js';

/**
 * Checks a client in every way: by itself, against the accounts there are, and with the provider.
 *
 * @throws {@link InvalidInputError} naming the first field that is wrong
 */
export type ParseClient = (em: EntityManager, clientId: string, input: ClientInput) => Promise<ClientFields>;

export function createParseClient(checkClient: CheckClient): ParseClient {
  return async (em, clientId, input) => {
    const fields = parseClientInput(input);
    if (fields.ownerId && !(await em.findOne(AccountEntity, { id: fields.ownerId, status: 'ACTIVE' })))
      throw new InvalidInputError('There is no such account.', { field: ['ownerId'], reason: 'NOT_FOUND' });
    checkClient({ ...fields, clientId });
    return fields;
  };
}
