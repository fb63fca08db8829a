import { createHash, pbkdf2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { verify as verifyArgon2 } from '@node-rs/argon2';
import { compare as compareBcrypt } from 'bcryptjs';
import { InvalidInputError } from '../../errors.js';

/**
 * Password hashes as Django stores them, `algorithm$…`, of accounts that came from a Django application. They are compared
 * until their owner signs in, and then made anew as ours.
 *
 * @see https://docs.djangoproject.com/en/stable/topics/auth/passwords/
 */
interface Scheme {
  /** Members: `rest` of the form that is known, `cost` in the unit of `most`. */
  form: RegExp;
  /** The highest cost that is accepted, so that no row of an import makes sign-in slow for everybody. */
  most: number;
  isRight(password: string, rest: string): Promise<boolean>;
}

const deriveKey = promisify(pbkdf2);

const pbkdf2Scheme = (digest: 'sha256' | 'sha1'): Scheme => ({
  form: /^(?<cost>[1-9]\d{0,7})\$[^$]{1,128}\$[A-Za-z0-9+/]{27,44}=?$/,
  most: 5_000_000,
  async isRight(password, rest) {
    const [iterations = '', salt = '', encoded = ''] = rest.split('$');
    const expected = Buffer.from(encoded, 'base64');
    const derived = await deriveKey(password, salt, Number(iterations), expected.length, digest);
    return timingSafeEqual(derived, expected);
  },
});

const bcryptForm = /^\$2[aby]\$(?<cost>\d\d)\$[./A-Za-z0-9]{53}$/;

const schemes: Record<string, Scheme> = {
  pbkdf2_sha256: pbkdf2Scheme('sha256'),
  pbkdf2_sha1: pbkdf2Scheme('sha1'),
  argon2: {
    form: /^argon2(?:id?|d)\$v=\d+\$m=(?<cost>\d{1,7}),t=\d{1,2},p=\d{1,3}\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+$/,
    most: 1_048_576,
    isRight: (password, rest) => verifyArgon2(`$${rest}`, password),
  },
  bcrypt_sha256: {
    form: bcryptForm,
    most: 15,
    isRight: (password, rest) => compareBcrypt(createHash('sha256').update(password).digest('hex'), rest),
  },
  bcrypt: { form: bcryptForm, most: 15, isRight: (password, rest) => compareBcrypt(password, rest) },
};

/** Whether a stored hash is one of Django's: ours begins with `$`. */
export function isDjangoHash(stored: string): boolean {
  return !stored.startsWith('$');
}

/**
 * @param field - what a Django application has in the column `password`
 * @returns the hash to keep; null when the account has no usable password there
 * @throws {@link InvalidInputError} `PASSWORD_HASH_UNKNOWN` for an algorithm or form that cannot be compared
 */
export function parseDjangoHash(field: string): string | null {
  const text = field.trim();
  if (text === '' || text.startsWith('!')) return null;
  const { scheme, rest } = split(text);
  const cost = scheme?.form.exec(rest)?.groups?.cost;
  if (!scheme || cost === undefined || Number(cost) > scheme.most)
    throw new InvalidInputError(
      `The password must be a hash of Django by ${Object.keys(schemes).join(', ')}. Leave it empty to have the person set a new one by mail.`,
      { field: ['password'], reason: 'PASSWORD_HASH_UNKNOWN' },
    );
  return text;
}

/** @param stored - what {@link parseDjangoHash} answered */
export async function isDjangoPassword(stored: string, password: string): Promise<boolean> {
  const { scheme, rest } = split(stored);
  return (await scheme?.isRight(password, rest)) ?? false;
}

function split(stored: string): { scheme: Scheme | undefined; rest: string } {
  const end = stored.indexOf('$');
  const name = stored.slice(0, Math.max(end, 0));
  return { scheme: Object.hasOwn(schemes, name) ? schemes[name] : undefined, rest: stored.slice(end + 1) };
}
