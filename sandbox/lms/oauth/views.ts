import type { View } from '../http/view.js';
import type { Lms } from '../lms.js';
import { revocationViews } from './revoke.js';
import { tokenViews } from './token.js';

/** The LMS as OAuth server. */
export function oauthViews(lms: Lms): View[] {
  return [...tokenViews(lms), ...revocationViews(lms)];
}
