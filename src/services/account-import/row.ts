import type { AccountProfile } from '../../entities/account.entity.js';
import { InvalidInputError } from '../../errors.js';
import { parseEmail, parseName, parseProfile, parseUsername } from '../account/rules.js';
import { parseDjangoHash } from '../password/django-hash.js';

/** Columns of an import, in any order; only `email`, `name` and one of `username` and `social_uid` must have values. */
export const importColumns = [
  'username',
  'email',
  'name',
  'password',
  'social_uid',
  'edx_username',
  'is_active',
  'email_verified',
  'date_joined',
  'last_login',
  'country',
  'state',
  'birth_year',
  'gender',
  'company',
  'job_title',
  'language',
] as const;
export type ImportColumn = (typeof importColumns)[number];

/** One line of a file, by column. */
export type ImportRecord = Partial<Record<ImportColumn, string>>;

/** An account as another deployment had it, checked. */
export interface ImportedAccount {
  /** The uid under which the LMS knows the person; Portico's username, which never changes. */
  username: string;
  email: string;
  name: string;
  /** Django's; null when there is none. */
  passwordHash: string | null;
  /** Null when there is no LMS account yet. */
  edxUsername: string | null;
  isActive: boolean;
  isEmailVerified: boolean;
  joinedAt: Date | null;
  lastSignedInAt: Date | null;
  profile: AccountProfile;
}

/**
 * Checks one line. The LMS knows a person by the uid of its link: that becomes the username here, whatever the other deployment
 * called them, so that their next sign-in at the LMS finds the same LMS account.
 *
 * @throws {@link InvalidInputError} naming the column
 */
export function parseImportRecord(record: ImportRecord, now: Date): ImportedAccount {
  const edxUsername = textOf(record.edx_username);
  return {
    username: parseUsername(textOf(record.social_uid) ?? textOf(record.username) ?? edxUsername ?? ''),
    email: parseEmail(record.email ?? ''),
    name: parseName(record.name ?? ''),
    passwordHash: parseDjangoHash(record.password ?? ''),
    edxUsername: edxUsername === null ? null : parseUsername(edxUsername),
    isActive: parseBoolean(record, 'is_active'),
    isEmailVerified: parseBoolean(record, 'email_verified'),
    joinedAt: parseTime(record, 'date_joined'),
    lastSignedInAt: parseTime(record, 'last_login'),
    profile: profileOf(record, now),
  };
}

function profileOf(record: ImportRecord, now: Date): AccountProfile {
  const birthYear = textOf(record.birth_year);
  const given = {
    country: textOf(record.country),
    state: textOf(record.state),
    birthYear: birthYear === null ? null : Number(birthYear),
    gender: textOf(record.gender),
    company: textOf(record.company),
    jobTitle: textOf(record.job_title),
    languageCode: textOf(record.language),
  };
  return parseProfile(Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null)), now);
}

function textOf(field: string | undefined): string | null {
  return field?.trim() || null;
}

const booleans: Record<string, boolean> = { '': true, t: true, true: true, 1: true, f: false, false: false, 0: false };

/** As `psql` and Python write them; true when the field is empty. */
function parseBoolean(record: ImportRecord, column: ImportColumn): boolean {
  const value = booleans[(record[column] ?? '').trim().toLowerCase()];
  if (value === undefined) throw refuse(column, 'Write true or false.', 'BOOLEAN_INVALID');
  return value;
}

/** As `psql` and Python write them: ISO 8601, with a blank or a T, in UTC where no offset is given. */
function parseTime(record: ImportRecord, column: ImportColumn): Date | null {
  const text = textOf(record[column]);
  if (text === null) return null;
  const match = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(\.\d+)?(Z|[+-]\d\d(?::?\d\d)?)?$/i.exec(text);
  const [, day = '', time = '', fraction = '', offset = 'Z'] = match ?? [];
  const [, sign = '', hours = '', minutes = '00'] = /^([+-])(\d\d):?(\d\d)?$/.exec(offset) ?? [];
  const at = new Date(`${day}T${time}${fraction.slice(0, 4)}${sign ? `${sign}${hours}:${minutes}` : 'Z'}`);
  if (Number.isNaN(at.getTime())) throw refuse(column, 'Write a time like 2024-03-01 12:30:00+00.', 'TIME_INVALID');
  return at;
}

function refuse(column: ImportColumn, message: string, reason: string): InvalidInputError {
  return new InvalidInputError(message, { field: [column], reason });
}
