import { randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';

/** Cheap on purpose: these are demo passwords, and seeding thousands of people must not take minutes. */
const COST = 1024;

export function hashPassword(password: string): string {
  const salt = randomBytes(16);
  return `${salt.toString('base64url')}.${scryptSync(password, salt, 32, { N: COST }).toString('base64url')}`;
}

export function isPassword(hash: string | null, password: string): boolean {
  const [salt, key] = hash?.split('.') ?? [];
  if (salt === undefined || key === undefined) return false;
  return timingSafeEqual(
    Buffer.from(key, 'base64url'),
    scryptSync(password, Buffer.from(salt, 'base64url'), 32, { N: COST }),
  );
}
