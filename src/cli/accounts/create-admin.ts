import { text } from 'node:stream/consumers';
import { randomSecret } from '../../crypto/hash.js';
import { InvalidInputError } from '../../errors.js';
import { addRole } from '../../services/account/roles.js';
import { systemActor } from '../../services/actor.js';
import { createPasswordPolicy } from '../../services/password/policy.js';
import { openContext } from '../command-context.js';
import { printAnswer } from '../output.js';

export interface CreateAdminOptions {
  email: string;
  username?: string;
  name?: string;
  passwordStdin?: boolean;
  json: boolean;
}

/** `portico create-admin`: an administrator; an account that is there keeps everything and gets the role. */
export async function createAdmin(options: CreateAdminOptions): Promise<void> {
  const given = options.passwordStdin ? (await text(process.stdin)).replace(/\r?\n$/, '') : undefined;
  await using opened = await openContext();
  const { orm, services } = opened.context;
  const present = await services.accounts.findByEmail(options.email);
  if (present) {
    if (given !== undefined)
      throw new InvalidInputError(
        'There is an account with this e-mail address already; its password stays. Leave out --password-stdin.',
      );
    await addRole({ orm, audit: services.audit }, present.id, 'ADMIN', systemActor);
    printAnswer(options.json, { username: present.username, created: false }, [
      `${present.username} is an administrator.`,
    ]);
    return;
  }
  if (options.name === undefined) throw new InvalidInputError('A new account needs a name: --name "First Last".');
  if (given !== undefined) await createPasswordPolicy().check(given, [options.name, options.email]);
  const password = given ?? randomSecret(15);
  const account = await services.accounts.create(
    {
      email: options.email,
      name: options.name,
      username: options.username,
      password,
      roles: ['ADMIN'],
      isEmailVerified: true,
      isEdxAccountWanted: false,
    },
    systemActor,
  );
  const shown = given === undefined ? { password } : {};
  printAnswer(options.json, { username: account.username, created: true, ...shown }, [
    `username  ${account.username}`,
    ...(given === undefined ? [`password  ${password}`, 'The password is shown this once.'] : []),
  ]);
}
