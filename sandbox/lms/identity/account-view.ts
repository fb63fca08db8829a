import type { LmsUser } from '../rows.js';

const IMAGE_SIZES = { full: 500, large: 120, medium: 50, small: 30 } as const;

/** What the account API shows of a user: everything to staff and the user, less to others. */
export type AccountDetail = 'full' | 'shared';

/** The account object of `GET /api/user/v1/accounts`, with keys in the LMS's order. */
export function accountView(user: LmsUser, detail: AccountDetail, origin: string, now: Date): Record<string, unknown> {
  const { profile } = user;
  const isMinor = profile !== null && (profile.yearOfBirth === null || now.getUTCFullYear() - profile.yearOfBirth < 13);
  const privacy = profile === null ? 'all_users' : isMinor ? 'private' : (profile.accountPrivacy ?? 'all_users');
  const base = { account_privacy: privacy, profile_image: profile && profileImage(origin), username: user.username };
  if (detail === 'shared' && privacy === 'private') return base;
  const shared = {
    ...base,
    bio: profile?.bio ?? null,
    course_certificates: null,
    country: profile?.country ?? null,
    date_joined: user.dateJoined,
    language_proficiencies: profile?.languageProficiencies ?? null,
    level_of_education: profile?.levelOfEducation ?? null,
    social_links: profile?.socialLinks ?? null,
    time_zone: null,
  };
  if (detail === 'shared') return shared;
  return {
    ...shared,
    name: profile?.name ?? null,
    email: user.email,
    id: user.id,
    verified_name: null,
    extended_profile: profile && [],
    gender: profile?.gender ?? null,
    state: profile?.state ?? null,
    goals: profile?.goals ?? null,
    is_active: user.isActive,
    last_login: user.lastLogin,
    mailing_address: profile?.mailingAddress ?? null,
    requires_parental_consent: profile && isMinor,
    secondary_email: null,
    secondary_email_enabled: null,
    year_of_birth: profile?.yearOfBirth ?? null,
    phone_number: profile?.phoneNumber ?? null,
    activation_key: user.activationKey,
    pending_name_change: null,
  };
}

function profileImage(origin: string): Record<string, unknown> {
  const urls = Object.entries(IMAGE_SIZES).map(([size, pixels]) => [
    `image_url_${size}`,
    `${origin}/static/images/profiles/default_${pixels}.png`,
  ]);
  return { has_image: false, ...Object.fromEntries(urls) };
}
