import { type Answer, json } from '../http/answer.js';
import type { Call } from '../http/call.js';
import { permissionDenied } from '../http/errors.js';
import { apiView, type View } from '../http/view.js';
import { isMisconfigured, type Lms } from '../lms.js';
import { isCountry } from './countries.js';
import { passwordProblems } from './password-rules.js';
import { nameProblem } from './person-name.js';
import { isEmail, usernameProblem } from './registration-form.js';
import { isEmailTaken, isUsernameTaken } from './taken-names.js';
import { suggestForName, suggestForUsername } from './username-suggestions.js';

const WEEK_SECONDS = 7 * 24 * 3600;

type Values = Readonly<Record<string, string>>;

/** Field → what is wrong with it, empty when nothing is. The order is the order of the answer. */
const DECISIONS: readonly (readonly [field: string, decide: (lms: Lms, values: Values) => string])[] = [
  [
    'name',
    (_, { name = '' }) =>
      name.trim() === ''
        ? 'Enter your full name'
        : name.length > 255
          ? "Full name can't be longer than 255 symbols"
          : (nameProblem(name) ?? ''),
  ],
  [
    'username',
    (lms, { username = '' }) =>
      usernameProblem(username) ??
      (isUsernameTaken(lms.state, username) ? 'It looks like this username is already taken' : ''),
  ],
  ['email', (lms, { email = '' }) => decideEmail(lms, email)],
  [
    'confirm_email',
    (_, { email = '', confirm_email: again = '' }) => (email === again ? '' : 'The email addresses do not match'),
  ],
  [
    'password',
    (_, { password = '', username = '', email = '' }) => passwordProblems(password, { username, email }).join(' '),
  ],
  // Letter case is not looked at here, although registration refuses a lower-case code.
  [
    'country',
    (_, { country = '' }) =>
      country === '' || country === '--' || !isCountry(country.toUpperCase())
        ? 'Select your country or region of residence'
        : '',
  ],
];

/** `POST /api/user/v1/validation/registration`: what registration would say of some fields, without registering. */
export function registrationValidationViews(lms: Lms): View[] {
  return [
    apiView('/api/user/v1/validation/registration', {
      profile: 'P0',
      methods: { POST: (call) => validate(lms, call) },
    }),
  ];
}

async function validate(lms: Lms, call: Call): Promise<Answer> {
  // By default half of what registration allows: 30 to 60.
  const limit = isMisconfigured(lms, 'throttled') ? 0 : Math.floor(lms.state.settings.registrationLimit / 2);
  if (!lms.attempts.admit('validation', call.remoteAddress, limit, WEEK_SECONDS, call.now.getTime()))
    throw permissionDenied();
  const data = await call.data();
  const values = Object.fromEntries(Object.entries(data ?? {}).map(([name, value]) => [name, String(value)]));
  const only = values.form_field_key;
  const decisions: Record<string, string> = {};
  for (const [field, decide] of DECISIONS)
    if (field in values && (only === undefined || only === field)) decisions[field] = decide(lms, values);
  const suggestions = suggest(lms, values, decisions);
  return json({
    validation_decisions: decisions,
    ...(suggestions === null ? {} : { username_suggestions: suggestions }),
  });
}

function decideEmail(lms: Lms, email: string): string {
  if (email.length < 3) return 'Enter a valid email address that contains at least 3 characters.';
  if (!isEmail(email)) return 'Enter a valid email address';
  return isEmailTaken(lms.state, email) ? 'This email is already associated with an existing account' : '';
}

/** For a taken username, or for a valid name. */
function suggest({ state }: Lms, values: Values, decisions: Readonly<Record<string, string>>): string[] | null {
  if (decisions.username !== undefined && isUsernameTaken(state, values.username ?? ''))
    return suggestForUsername(state, values.username ?? '');
  return decisions.name === '' ? suggestForName(state, values.name ?? '') : null;
}
