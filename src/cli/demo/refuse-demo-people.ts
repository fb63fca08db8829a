import type { AppContext } from '../../app/context.js';
import { ConfigurationError } from '../../config/config.js';
import { AccountEntity } from '../../entities/account.entity.js';
import { createPasswordHasher } from '../../services/password/hash.js';
import { demoPeople } from './people.js';

/**
 * Stops the start of a site that others reach while its database still lets the demo's people in: their passwords are printed
 * in the documentation, and one of them is an administrator. That happens where a tried-out Portico is put to work.
 *
 * @throws {@link ConfigurationError} naming them
 */
export async function refuseDemoPeople({ config, orm }: Pick<AppContext, 'config' | 'orm'>): Promise<void> {
  if (!config.http.publicUrl.startsWith('https:')) return;
  const hasher = createPasswordHasher();
  const accounts = await orm.em
    .fork()
    .find(
      AccountEntity,
      { username: { $in: demoPeople.map(({ username }) => username) }, status: 'ACTIVE' },
      { populate: ['passwordHash'] },
    );
  const open: string[] = [];
  for (const { username, passwordHash } of accounts) {
    const person = demoPeople.find((one) => one.username === username);
    if (!passwordHash || !person) continue;
    const { isRight } = await hasher.verify(passwordHash, person.password, 'start');
    if (isRight) open.push(username);
  }
  if (open.length > 0)
    throw new ConfigurationError([
      `DATABASE_URL leads to the database of a demo: ${open.join(', ')} can sign in with the demo's passwords. Use another database, or give them other passwords first`,
    ]);
}
