import type { MikroORM } from '@mikro-orm/postgresql';
import { EdxLinkEntity } from '../../entities/edx-link.entity.js';

/** @returns how to find the numeric user id that the LMS gave a person; `undefined` while it is not known */
export function createFindLmsUserId(orm: MikroORM): (accountId: string) => Promise<number | undefined> {
  return async (accountId) => {
    const link = await orm.em.fork().findOne(EdxLinkEntity, { accountId, state: 'LINKED' });
    return link?.edxUserId ?? undefined;
  };
}
