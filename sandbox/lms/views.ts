import type { View } from './http/view.js';
import { accountViews } from './identity/accounts.js';
import { thirdPartyAuthViews } from './identity/third-party-auth.js';
import { learningViews } from './learning/views.js';
import type { Lms } from './lms.js';
import { oauthViews } from './oauth/views.js';
import { statusViews } from './pages/status.js';

/** Every endpoint of the sandbox LMS, in the order in which paths are tried. */
export function lmsViews(lms: Lms): View[] {
  return [
    ...statusViews(),
    ...oauthViews(lms),
    ...accountViews(lms),
    ...thirdPartyAuthViews(lms),
    ...learningViews(lms),
  ];
}
