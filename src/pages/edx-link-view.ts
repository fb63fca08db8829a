import type { EdxLinkView } from '../web/account.page.js';
import type { Words } from '../words/words.js';
import type { EdxLinkSummary } from './page-deps.js';

/**
 * Says how the account at the LMS stands, why, and what its owner can do.
 *
 * @param coursesHref - begins single sign-on at the LMS
 */
export function describeEdxLink(link: EdxLinkSummary | undefined, coursesHref: string, words: Words): EdxLinkView {
  const reason = link?.lastError?.message;
  switch (link?.state) {
    case 'LINKED':
      return {
        label: words('Connected'),
        tone: 'good',
        explanation: reason
          ? words('This account signs you in there. What you changed here has not arrived there: {reason}', { reason })
          : words('This account signs you in there.'),
        coursesHref,
        edxUsername: link.edxUsername ?? undefined,
      };
    case 'PENDING':
    case 'CREATING':
      return {
        label: words('On its way'),
        tone: 'wait',
        explanation: reason
          ? words('Your account there could not be created yet: {reason} We keep trying.', { reason })
          : words('Your account there is being created. This takes a moment.'),
      };
    case 'CONFLICT':
    case 'REJECTED':
      return {
        label: words('Needs attention'),
        tone: 'bad',
        explanation: words('Your account there could not be created. {reason}', { reason: reason ?? '' }).trim(),
        offer: words('Try again'),
      };
    case 'MISSING_UPSTREAM':
      return {
        label: words('Missing there'),
        tone: 'bad',
        explanation: words('Your account there was connected once and can no longer be found.'),
        offer: words('Create it again'),
      };
    case 'DEACTIVATED':
      return { label: words('Closed'), tone: 'bad', explanation: words('Your account there was deactivated.') };
    default:
      return {
        label: words('Not yet'),
        tone: 'wait',
        explanation: words('You have no account there yet.'),
        offer: words('Create it now'),
      };
  }
}
