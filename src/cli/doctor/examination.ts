import type { MikroORM } from '@mikro-orm/postgresql';
import type { Config } from '../../config/config.js';
import type { Secrets } from '../../config/secrets.js';
import type { LmsApi } from '../../datasources/lms/lms-api.js';
import type { LmsClient } from '../../datasources/lms/lms-client.js';
import type { LmsPages } from './lms-pages.js';

/** What the checks look with. */
export interface Examination {
  config: Config;
  secrets: Secrets;
  orm: MikroORM;
  client: LmsClient;
  api: LmsApi;
  pages: LmsPages;
}

/** A page of the LMS's administration, as people open it. */
export function adminPage({ config }: Pick<Examination, 'config'>, path: string): string {
  return `${config.lms.browserUrl}/admin/${path}`;
}
