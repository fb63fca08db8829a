import type { Account } from '../../src/entities/account.entity.js';
import type { PasskeyService } from '../../src/services/passkey/passkey.service.js';
import { createSoftwarePasskey, type SoftwarePasskey } from './software-passkey.js';

/**
 * Gives an account a passkey, as its pages do.
 *
 * @param origin - of the site
 * @returns the passkey, and recovery codes when it is the account's first second factor
 */
export async function registerPasskey(
  { registration }: Pick<PasskeyService, 'registration'>,
  account: Account,
  {
    origin,
    password,
    code = '',
    name = 'Phone',
    isSyncable = false,
  }: { origin: string; password: string; code?: string; name?: string; isSyncable?: boolean },
): Promise<{ passkey: SoftwarePasskey; recoveryCodes: string[] }> {
  const [browser, address] = ['a browser', '192.0.2.1'];
  await registration.begin(account, { password, code, passkey: '', browser, address }, browser);
  const options = await registration.pending(account, browser);
  if (!options) throw new Error('nothing was begun');
  const passkey = createSoftwarePasskey(origin, { isSyncable });
  const answer = passkey.create(options);
  const recoveryCodes = (await registration.finish(account, { answer, name, browser }, address)) ?? [];
  return { passkey, recoveryCodes };
}
