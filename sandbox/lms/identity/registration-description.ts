/** What GET on a registration path describes: the fields of the form, as the site shows them by default. */
export function describeRegistrationForm(submitUrl: string): Record<string, unknown> {
  return { method: 'post', submit_url: submitUrl, fields: FIELDS };
}

const years = Array.from({ length: 120 }, (_, at) => String(2026 - at));

const FIELDS = [
  field('name', 'Full Name', 'text', true, {
    restrictions: { max_length: 255 },
    instructions: 'This name will be used on any certificates that you earn.',
  }),
  field('username', 'Public Username', 'text', true, {
    restrictions: { min_length: 2, max_length: 30 },
    instructions: 'The name that will identify you in your courses. It cannot be changed later.',
  }),
  field('email', 'Email', 'email', true, {
    restrictions: { min_length: 3, max_length: 254 },
    instructions: 'This is what you will use to login.',
  }),
  field('password', 'Password', 'password', true, {
    instructions: 'Your password must contain at least 8 characters.',
  }),
  field('year_of_birth', 'Year of birth', 'select', false, { options: choices(['', ...years]) }),
  field('level_of_education', 'Highest level of education completed', 'select', false, {
    options: choices(['', 'p', 'm', 'b', 'a', 'hs', 'jhs', 'el', 'none', 'other']),
  }),
  field('gender', 'Gender', 'select', false, { options: choices(['', 'm', 'f', 'o']) }),
  field('mailing_address', 'Mailing address', 'textarea', false),
  field('goals', 'Tell us why you are interested in this site', 'textarea', false),
  field('honor_code', 'I agree to the Terms of Service and Honor Code', 'plaintext', true, {
    errorMessages: { required: 'You must agree to the Terms of Service and Honor Code' },
  }),
];

function choices(values: readonly string[]): { value: string; name: string; default: boolean }[] {
  return values.map((value) => ({ value, name: value === '' ? '--' : value, default: value === '' }));
}

function field(
  name: string,
  label: string,
  type: string,
  required: boolean,
  more: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    name,
    label,
    type,
    defaultValue: '',
    placeholder: '',
    instructions: '',
    exposed: required,
    required,
    restrictions: {},
    errorMessages: {},
    supplementalLink: '',
    supplementalText: '',
    loginIssueSupportLink: '',
    ...more,
  };
}
