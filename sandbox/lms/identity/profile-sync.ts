import type { Lms } from '../lms.js';
import type { LmsUser, ProviderConfig } from '../rows.js';

/**
 * Takes over the provider's e-mail, on every sign-on and on registration, when the provider row says so. An omitted
 * e-mail arrives as an empty one and blanks the LMS's; one that another user has is skipped without a word.
 */
export function syncEmail(
  { state }: Pick<Lms, 'state'>,
  provider: ProviderConfig,
  user: LmsUser,
  email: string,
): LmsUser {
  if (!provider.syncLearnerProfileData || email === user.email) return user;
  const others = state.usersByEmail.of(email.toLowerCase()).filter((other) => other.id !== user.id);
  if (others.length > 0) return user;
  const changed = { ...user, email };
  state.putUser(changed);
  return changed;
}
