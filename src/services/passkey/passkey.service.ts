import type { MikroORM } from '@mikro-orm/postgresql';
import type { Account } from '../../entities/account.entity.js';
import { type Passkey, PasskeyEntity } from '../../entities/passkey.entity.js';
import { NotFoundError } from '../../errors.js';
import type { Proof, SecondFactorChanges } from '../second-factor/changes.js';
import { parsePasskeyName } from './name.js';
import type { PasskeyRegistration } from './registration.js';
import type { AuthenticateByPasskey } from './sign-in.js';
import type { PasskeyUse } from './use.js';

/** Passkeys of accounts, as pages work with them. What of them are second factors is in `second-factor/`. */
export interface PasskeyService extends Pick<PasskeyUse, 'ask'> {
  registration: PasskeyRegistration;
  authenticate: AuthenticateByPasskey;
  /** @throws {@link NotFoundError} when the account has no such passkey */
  find(accountId: string, id: string): Promise<Passkey>;
  /** @throws InvalidInputError `NAME_INVALID`; {@link NotFoundError} */
  rename(accountId: string, id: string, name: string): Promise<void>;
  /** @throws InvalidInputError `WRONG_PASSWORD`, `CODE_WRONG`, `PASSKEY_WRONG`; {@link NotFoundError} */
  remove(account: Account, id: string, proof: Proof): Promise<void>;
}

export function createPasskeyService({
  orm,
  use,
  registration,
  authenticate,
  changes,
}: {
  orm: MikroORM;
  use: Pick<PasskeyUse, 'ask'>;
  registration: PasskeyRegistration;
  authenticate: AuthenticateByPasskey;
  changes: Pick<SecondFactorChanges, 'prove' | 'remove'>;
}): PasskeyService {
  const find: PasskeyService['find'] = async (accountId, id) => {
    const isId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id);
    const passkey = isId && (await orm.em.fork().findOne(PasskeyEntity, { id, accountId }));
    if (!passkey) throw new NotFoundError('There is no such passkey.');
    return passkey;
  };
  return {
    ask: use.ask,
    registration,
    authenticate,
    find,
    rename: async (accountId, id, typed) => {
      const name = parsePasskeyName(typed);
      await find(accountId, id);
      await orm.em.fork().nativeUpdate(PasskeyEntity, { id, accountId }, { name });
    },
    remove: async (account, id, proof) => {
      const { id: accountId } = account;
      const { name } = await find(accountId, id);
      await changes.prove(accountId, proof);
      await changes.remove(account, { kind: 'PASSKEY', name }, { accountId, address: proof.address }, async (tx) => {
        return (await tx.nativeDelete(PasskeyEntity, { id, accountId })) > 0;
      });
    },
  };
}
