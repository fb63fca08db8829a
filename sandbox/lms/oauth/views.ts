import type { View } from '../http/view.js';
import type { Lms } from '../lms.js';
import { authorizeViews } from './authorize.js';
import { providerExchangeViews } from './provider-exchange.js';
import { revocationViews } from './revoke.js';
import { tokenViews } from './token.js';
import { tokenLoginViews } from './token-login.js';

/** The LMS as OAuth server. */
export function oauthViews(lms: Lms): View[] {
  return [
    ...tokenViews(lms),
    ...revocationViews(lms),
    ...authorizeViews(lms),
    ...providerExchangeViews(lms),
    ...tokenLoginViews(lms),
  ];
}
