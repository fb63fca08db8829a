import { passwordProblems } from './password-rules.js';
import { nameProblem } from './person-name.js';

/** Field → texts; the error body wraps each text in `{"user_message"}`. */
export type FieldProblems = Readonly<Record<string, readonly string[]>>;

const BAD_USERNAME = 'Usernames can only contain letters (A-Z, a-z), numerals (0-9), underscores (_), and hyphens (-).';

/** What the registration form has against its fields, all of them at once, in the LMS's order. */
export function formProblems(form: URLSearchParams): FieldProblems {
  const username = (form.get('username') ?? '').trim();
  const email = form.get('email') ?? '';
  const isAgreed = form.get('honor_code')?.toLowerCase() === 'true';
  const agreement = form.get('terms_of_service') ?? form.get('honor_code');
  const found: [field: string, problems: (string | null)[]][] = [
    ['username', [usernameProblem(username)]],
    ['email', [emailProblem(email)]],
    ['password', findPasswordProblems(form, { username, email })],
    ['name', [fullNameProblem(form.get('name') ?? '')]],
    ['terms_of_service', [agreement?.toLowerCase() === 'true' ? null : 'You must accept the terms of service.']],
    ['honor_code', [isAgreed ? null : 'To enroll, you must follow the honor code.']],
  ];
  const problems: Record<string, string[]> = {};
  for (const [field, texts] of found) {
    const left = texts.filter((text) => text !== null);
    if (left.length > 0) problems[field] = left;
  }
  return problems;
}

export function usernameProblem(username: string): string | null {
  if (username.length < 2 || username.length > 30) return 'Username must be between 2 and 30 characters long.';
  return /^[-a-zA-Z0-9_]+$/.test(username) ? null : BAD_USERNAME;
}

export function isEmail(email: string): boolean {
  return /^[^\s@<>()[\],;:"\\]+@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.[a-z][a-z0-9-]+|localhost)$/i.test(
    email,
  );
}

function emailProblem(email: string): string | null {
  if (email.length > 254) return 'Email cannot be more than 254 characters long';
  return email.length >= 3 && isEmail(email) ? null : 'A properly formatted e-mail is required';
}

function fullNameProblem(name: string): string | null {
  if (name.trim() === '') return 'Your legal name must be a minimum of one character long';
  if (name.length > 255) return `Ensure this value has at most 255 characters (it has ${name.length}).`;
  return nameProblem(name);
}

/** With `provider` the LMS makes a password itself and never looks at one that was sent. */
function findPasswordProblems(form: URLSearchParams, about: { username: string; email: string }): string[] {
  if (form.get('provider') || form.get('social_auth_provider')) return [];
  const password = form.get('password') ?? '';
  return password === '' ? ['This field is required.'] : passwordProblems(password, about);
}
