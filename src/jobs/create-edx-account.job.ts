import type { EdxLinkService } from '../services/edx-link/edx-link.service.js';
import type { Job } from './job.js';

/** Brings the LMS account of a new account into being. */
export function createCreateEdxAccountJob({
  edxLinks,
}: {
  edxLinks: Pick<EdxLinkService, 'create'>;
}): Job<'create-edx-account'> {
  return async ({ accountId, ...run }) => {
    await edxLinks.create(accountId, run);
  };
}
