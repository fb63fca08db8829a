import type { EntityManager } from '@mikro-orm/postgresql';
import type { EdxLink } from '../../entities/edx-link.entity.js';
import { enqueue } from '../../jobs/queue.js';

/**
 * Forgets the API token of a link, and has the LMS end it, by a job that keeps it sealed.
 *
 * @param em - of a transaction that holds the link locked
 */
export async function forgetApiToken(em: EntityManager, link: EdxLink): Promise<void> {
  const [stored] = await em.execute<{ access: string | null; refresh: string | null }[]>(
    'select api_access_token as access, api_refresh_token as refresh from edx_link where id = ?',
    [link.id],
  );
  for (const sealed of [stored?.refresh, stored?.access])
    if (sealed) await enqueue(em, 'revoke-edx-api-token', { sealed }, { priority: 5 });
  link.apiAccessToken = null;
  link.apiRefreshToken = null;
  link.apiTokenExpiresAt = null;
  link.apiTokenRefreshedAt = null;
  link.apiTokenLastError = null;
}
