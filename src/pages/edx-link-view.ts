import type { EdxLinkView } from '../web/account.page.js';
import type { EdxLinkSummary } from './page-deps.js';

/**
 * Says how the account at the LMS stands, why, and what its owner can do.
 *
 * @param coursesHref - begins single sign-on at the LMS
 */
export function describeEdxLink(link: EdxLinkSummary | undefined, coursesHref: string): EdxLinkView {
  const reason = link?.lastError?.message;
  switch (link?.state) {
    case 'LINKED':
      return {
        label: 'Connected',
        tone: 'good',
        explanation: 'This account signs you in there.',
        coursesHref,
        edxUsername: link.edxUsername ?? undefined,
      };
    case 'PENDING':
    case 'CREATING':
      return {
        label: 'On its way',
        tone: 'wait',
        explanation: reason
          ? `Your account there could not be created yet: ${reason} We keep trying.`
          : 'Your account there is being created. This takes a moment.',
      };
    case 'CONFLICT':
    case 'REJECTED':
      return {
        label: 'Needs attention',
        tone: 'bad',
        explanation: `Your account there could not be created. ${reason ?? ''}`.trim(),
        offer: 'Try again',
      };
    case 'MISSING_UPSTREAM':
      return {
        label: 'Missing there',
        tone: 'bad',
        explanation: 'Your account there was connected once and can no longer be found.',
        offer: 'Create it again',
      };
    case 'DEACTIVATED':
      return { label: 'Closed', tone: 'bad', explanation: 'Your account there was deactivated.' };
    default:
      return {
        label: 'Not yet',
        tone: 'wait',
        explanation: 'You have no account there yet.',
        offer: 'Create it now',
      };
  }
}
