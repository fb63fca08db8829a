import { type Answer, empty, json } from '../http/answer.js';
import type { Call } from '../http/call.js';
import type { Lms } from '../lms.js';
import type { LmsProfile, LmsUser } from '../rows.js';
import { accountView } from './account-view.js';
import { isCountry } from './countries.js';
import { nameProblem } from './person-name.js';

interface FieldError {
  readonly developer_message: string;
  readonly user_message: string;
}

const READ_ONLY = [
  'username',
  'date_joined',
  'is_active',
  'password_toggle_history',
  'profile_image',
  'requires_parental_consent',
];

/** Each writable key: where it lives, and what makes a value invalid (in the words of the REST framework). */
const FIELDS: Readonly<Record<string, { to: keyof LmsProfile; problem: (value: unknown) => string | null }>> = {
  gender: { to: 'gender', problem: choice(['m', 'f', 'o', '']) },
  goals: { to: 'goals', problem: textUpTo(null) },
  year_of_birth: {
    to: 'yearOfBirth',
    problem: (value) => (value === null || /^-?\d+$/.test(String(value)) ? null : 'A valid integer is required.'),
  },
  level_of_education: {
    to: 'levelOfEducation',
    problem: choice(['p', 'm', 'b', 'a', 'hs', 'jhs', 'el', 'none', 'other', '']),
  },
  country: {
    to: 'country',
    problem: (value) =>
      value === null || value === '' || isCountry(String(value)) ? null : `"${value}" is not a valid choice.`,
  },
  state: { to: 'state', problem: textUpTo(2) },
  city: { to: 'city', problem: textUpTo(null) },
  mailing_address: { to: 'mailingAddress', problem: textUpTo(null) },
  bio: { to: 'bio', problem: textUpTo(300) },
  phone_number: { to: 'phoneNumber', problem: textUpTo(50) },
  account_privacy: { to: 'accountPrivacy', problem: choice(['all_users', 'private', 'custom']) },
  language_proficiencies: { to: 'languageProficiencies', problem: listOf((item) => typeof item.code === 'string') },
  social_links: {
    to: 'socialLinks',
    problem: listOf((item) => typeof item.platform === 'string' && typeof item.social_link === 'string'),
  },
};

/** `PATCH /api/user/v1/accounts/{username}`: the user's own credentials only, all fields or none. */
export async function patchAccount(lms: Lms, call: Call): Promise<Answer> {
  const data = await call.data();
  // Compared letter by letter, unlike every lookup.
  if (call.user.username !== call.param('username')) return empty(403);
  const user = lms.state.user(call.user.username);
  if (user === undefined) return empty(404);
  const changes =
    data !== null && typeof data === 'object' && !Array.isArray(data) ? (data as Record<string, unknown>) : {};
  const errors = findErrors(lms, user, changes);
  if (Object.keys(errors).length > 0) return json({ field_errors: errors }, 400);
  const changed = applyChanges(user, changes);
  lms.state.putUser(changed);
  return json(accountView(changed, 'full', call.origin, call.now));
}

function findErrors(lms: Lms, user: LmsUser, changes: Readonly<Record<string, unknown>>): Record<string, FieldError> {
  const errors: Record<string, FieldError> = {};
  for (const [field, value] of Object.entries(changes)) {
    const error = errorOf(lms, user, field, value);
    if (error !== null) errors[field] = error;
  }
  return errors;
}

function errorOf(lms: Lms, user: LmsUser, field: string, value: unknown): FieldError | null {
  if (READ_ONLY.includes(field)) {
    return {
      developer_message: 'This field is not editable via this API',
      user_message: `The '${field}' field cannot be edited.`,
    };
  }
  if (field === 'name') return nameError(lms, user, value);
  if (field === 'email') return emailError(user, value);
  const problem = FIELDS[field]?.problem(value) ?? null;
  return problem === null ? null : invalidValue(field, value, problem);
}

function invalidValue(field: string, value: unknown, problem: string): FieldError {
  const shown = typeof value === 'string' ? value : JSON.stringify(value);
  return {
    developer_message: `Value '${shown}' is not valid for field '${field}': ['${problem}']`,
    user_message: 'This value is invalid.',
  };
}

/** A name change of someone with a verified certificate is refused before the name is even looked at. */
function nameError(lms: Lms, user: LmsUser, value: unknown): FieldError | null {
  const certificates = lms.state.certificatesByUsername.of(user.username.toLowerCase());
  if (
    value !== user.profile?.name &&
    certificates.some(({ mode, status }) => mode === 'verified' && status === 'downloadable')
  ) {
    const text = 'This name change requires ID verification.';
    return { developer_message: text, user_message: text };
  }
  if (value === '' || typeof value !== 'string')
    return invalidValue('name', value ?? '', 'The name field must be at least 1 character long.');
  const problem = nameProblem(value);
  return problem === null
    ? null
    : { developer_message: `Error thrown from validate_name: '${problem}'`, user_message: problem };
}

/** An e-mail change only starts a confirmation, also for a taken address; the answer shows the old one. */
function emailError(user: LmsUser, value: unknown): FieldError | null {
  const text = 'Old email is the same as the new email.';
  if (value === user.email)
    return { developer_message: `Error thrown from validate_email_change: '${text}'`, user_message: text };
  if (typeof value === 'string' && /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(value)) return null;
  const invalid = 'Valid e-mail address required.';
  return { developer_message: `Error thrown from validate_new_email: '${invalid}'`, user_message: invalid };
}

function applyChanges(user: LmsUser, changes: Readonly<Record<string, unknown>>): LmsUser {
  if (user.profile === null) return user;
  const profile: Record<string, unknown> = { ...user.profile };
  for (const [field, value] of Object.entries(changes)) {
    const to = FIELDS[field]?.to;
    if (field === 'name') profile.name = value;
    else if (field === 'social_links') profile.socialLinks = mergeSocialLinks(user.profile, value);
    else if (field === 'year_of_birth') profile.yearOfBirth = value === null ? null : Number(value);
    else if (to !== undefined) profile[to] = value === '' ? null : value;
  }
  // The LMS keeps a state for addresses in the US only, whatever the same request says.
  if ('country' in changes && changes.country !== 'US') profile.state = null;
  return { ...user, profile: { ...user.profile, ...profile } };
}

function mergeSocialLinks(profile: LmsProfile, value: unknown): LmsProfile['socialLinks'] {
  const links = new Map(profile.socialLinks.map((link) => [link.platform, link]));
  for (const link of value as LmsProfile['socialLinks']) {
    if (link.social_link === '') links.delete(link.platform);
    else links.set(link.platform, { platform: link.platform, social_link: link.social_link });
  }
  return [...links.values()];
}

function choice(values: readonly string[]): (value: unknown) => string | null {
  return (value) => (value === null || values.includes(String(value)) ? null : `"${value}" is not a valid choice.`);
}

function textUpTo(characters: number | null): (value: unknown) => string | null {
  return (value) => {
    if (value !== null && typeof value !== 'string' && typeof value !== 'number') return 'Not a valid string.';
    return characters !== null && String(value ?? '').length > characters
      ? `Ensure this field has no more than ${characters} characters.`
      : null;
  };
}

function listOf(isItem: (item: Record<string, unknown>) => boolean): (value: unknown) => string | null {
  return (value) =>
    Array.isArray(value) && value.every((item) => item !== null && typeof item === 'object' && isItem(item))
      ? null
      : 'Expected a list of items.';
}
