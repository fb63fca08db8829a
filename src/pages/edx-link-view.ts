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
        explanation: 'Your account is known there: you are signed in by this one.',
        coursesHref,
        edxUsername: link.edxUsername ?? undefined,
      };
    case 'PENDING':
    case 'CREATING':
      return {
        label: 'On its way',
        tone: 'wait',
        explanation: reason
          ? `Your account there could not be made yet: ${reason} It is tried again by itself.`
          : 'Your account there is being made. This takes a moment: look again soon.',
      };
    case 'CONFLICT':
    case 'REJECTED':
      return {
        label: 'Needs attention',
        tone: 'bad',
        explanation: `Your account there could not be made. ${reason ?? ''}`.trim(),
        offer: 'Try again',
      };
    case 'MISSING_UPSTREAM':
      return {
        label: 'Lost there',
        tone: 'bad',
        explanation: 'Your account there was connected once and cannot be found any more.',
        offer: 'Make it anew',
      };
    case 'DEACTIVATED':
      return { label: 'Closed', tone: 'bad', explanation: 'Your account there was deactivated.' };
    default:
      return {
        label: 'Not yet',
        tone: 'wait',
        explanation: 'You have no account there yet. It is made when you ask for it.',
        offer: 'Make my account there',
      };
  }
}
