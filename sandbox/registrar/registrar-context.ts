import type { Lms } from '../lms/lms.js';
import type { Jobs } from './jobs.js';
import type { LmsClient } from './lms-client.js';

/** What every view of the Registrar is given. */
export interface Registrar {
  readonly lms: Lms;
  /** Its own origin, without a slash at the end. */
  readonly rootUrl: string;
  readonly jobs: Jobs;
  readonly client: LmsClient;
}
