import type { View } from './http/view.js';
import { accountViews } from './identity/accounts.js';
import { activationViews } from './identity/activation.js';
import { bulkRetirementViews } from './identity/bulk-retirement.js';
import { ltiUserFixViews } from './identity/lti-user-fix.js';
import { mobileUserViews } from './identity/mobile-user.js';
import { registrationViews } from './identity/registration.js';
import { registrationValidationViews } from './identity/registration-validation.js';
import { retirementViews } from './identity/retirement.js';
import { sessionLoginViews } from './identity/session-login.js';
import { signOnViews } from './identity/sign-on.js';
import { thirdPartyAuthViews } from './identity/third-party-auth.js';
import { learningViews } from './learning/views.js';
import type { Lms } from './lms.js';
import { oauthViews } from './oauth/views.js';
import { homeViews } from './pages/home.js';
import { logoutViews } from './pages/logout.js';
import { statusViews } from './pages/status.js';

/** Every endpoint of the sandbox LMS, in the order in which paths are tried. */
export function lmsViews(lms: Lms): View[] {
  return [
    ...statusViews(),
    ...oauthViews(lms),
    ...registrationViews(lms),
    ...activationViews(lms),
    ...registrationValidationViews(lms),
    ...signOnViews(lms),
    ...sessionLoginViews(lms),
    ...retirementViews(lms),
    ...bulkRetirementViews(lms),
    ...accountViews(lms),
    ...ltiUserFixViews(lms),
    ...mobileUserViews(),
    ...thirdPartyAuthViews(lms),
    ...homeViews(lms),
    ...logoutViews(lms),
    ...learningViews(lms),
  ];
}
