import type { EdxLinkService } from '../services/edx-link/edx-link.service.js';
import type { Job } from './job.js';

/** Looks whether the LMS still holds what an edX link says. */
export function createCheckEdxLinkJob({
  edxLinks,
}: {
  edxLinks: Pick<EdxLinkService, 'check'>;
}): Job<'check-edx-link'> {
  return ({ accountId }) => edxLinks.check(accountId);
}
