import { type EntityManager, raw } from '@mikro-orm/postgresql';
import type { Clock } from '../../clock.js';
import { ProgramEntity } from '../../entities/program.entity.js';
import { NotFoundError } from '../../errors.js';

/**
 * Marks what is known of a program, or of all, as to be asked for anew by whoever wants it next, in whichever process. Nothing is deleted:
 * while the source cannot say, it stays as it was, and is told as stale.
 *
 * @param key - in any letter case; left out: all programs
 * @throws {@link NotFoundError}
 */
export async function forgetPrograms(
  { em, clock }: { em: EntityManager; clock: Clock },
  key: string | undefined,
): Promise<void> {
  const where = key === undefined ? {} : { [raw('lower(key)')]: key.toLowerCase() };
  const forgotten = await em.fork().nativeUpdate(ProgramEntity, where, { forgottenAt: clock() });
  if (key !== undefined && forgotten === 0) throw new NotFoundError(`There is no program ${key}.`);
}
