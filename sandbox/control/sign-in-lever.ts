import { SAML_BACKEND } from '../lms/learning/programs/key-lookup.js';
import { matriculate } from '../lms/learning/programs/matriculation.js';
import type { Lms } from '../lms/lms.js';
import type { SocialLink } from '../lms/rows.js';
import { InvalidLever } from './invalid-lever.js';

/**
 * What a sign-in at an organization's own identity provider does in the LMS: the social-auth row is saved, and places
 * in programs that wait for its key are linked.
 *
 * @returns the row, and why the sign-in failed, when it did
 * @throws InvalidLever
 */
export function signInByProvider(lms: Lms, body: Record<string, unknown>): Record<string, unknown> {
  const { state } = lms;
  const { username, uid, backend = SAML_BACKEND } = body;
  if (typeof username !== 'string' || typeof uid !== 'string' || typeof backend !== 'string')
    throw new InvalidLever('Send {"username", "uid": "<slug>:<key>", "backend"?}.');
  const user = state.user(username);
  if (user === undefined) throw new InvalidLever(`The LMS has no user ${username}.`);
  const known = state.link(backend, uid);
  if (known !== undefined && known.username !== user.username)
    throw new InvalidLever(`${uid} belongs to ${known.username}.`);
  const link: SocialLink = known ?? { id: state.nextId('link'), username: user.username, backend, uid };
  state.putLink(link);
  try {
    // There is no transaction around it: what was linked before a failure stays linked.
    matriculate(lms, link, lms.now());
    return { ...link, failed: null };
  } catch (error) {
    return { ...link, failed: error instanceof Error ? error.message : String(error) };
  }
}
