import { type EntityManager, UniqueConstraintViolationException } from '@mikro-orm/postgresql';
import { publishChange } from '../../changes/publish-change.js';
import type { Clock } from '../../clock.js';
import { type Account, AccountEntity, type AccountProfile, type Role } from '../../entities/account.entity.js';
import { InvalidInputError } from '../../errors.js';
import type { Actor } from '../actor.js';
import type { AuditService } from '../audit/audit.service.js';
import type { EdxLinkPlanner } from '../edx-link/planner.js';
import { claimInvitations } from '../partner-grant/claim-invitations.js';
import type { PasswordHasher } from '../password/hash.js';
import type { BlockedEmails } from './blocked-emails.js';
import { parseEmail, parseName, parseProfile, parseUsername } from './rules.js';
import { deriveUsername, reserveUsername, takenUsernames } from './username.js';

export interface NewAccount {
  email: string;
  name: string;
  /** Made from name and e-mail address when left out. Never changes later. */
  username?: string | undefined;
  /** Taken as it is: whoever lets people choose one asks the password policy first. */
  password?: string | undefined;
  roles?: readonly Role[];
  /** Whether it is known that the person receives mail at this address. */
  isEmailVerified: boolean;
  /** The version of the terms that the person agreed to. */
  termsVersion?: string | undefined;
  profile?: AccountProfile | undefined;
  /** False leaves the edX account for later, until somebody asks for it. */
  isEdxAccountWanted?: boolean;
}

export interface AccountCreationDeps {
  hasher: PasswordHasher;
  audit: Pick<AuditService, 'record'>;
  edxLinks: Pick<EdxLinkPlanner, 'plan'>;
  blockedEmails: Pick<BlockedEmails, 'require'>;
  clock: Clock;
}

/** What {@link insertAccount} needs; everything slow and everything that can be wrong is behind us. */
export interface PreparedAccount {
  fields: {
    email: string;
    name: string;
    passwordHash: string | null;
    passwordChangedAt: Date | null;
    emailVerifiedAt: Date | null;
    termsVersion: string | null;
    termsAgreedAt: Date | null;
    roles: Role[];
    profile: AccountProfile;
  };
  username: string | undefined;
  isEdxAccountWanted: boolean;
}

/**
 * Checks what was given by the rules of the LMS, and hashes the password: outside any transaction, since it takes time.
 *
 * @throws {@link InvalidInputError} naming the field
 */
export async function prepareAccount(input: NewAccount, deps: AccountCreationDeps): Promise<PreparedAccount> {
  const now = deps.clock();
  const username = input.username?.trim() ? parseUsername(input.username) : undefined;
  const fields = {
    email: parseEmail(input.email),
    name: parseName(input.name),
    profile: parseProfile(input.profile ?? {}, now),
    roles: [...(input.roles ?? [])],
    emailVerifiedAt: input.isEmailVerified ? now : null,
    termsVersion: input.termsVersion ?? null,
    termsAgreedAt: input.termsVersion === undefined ? null : now,
  };
  const passwordHash = input.password === undefined ? null : await deps.hasher.hash(input.password);
  return {
    fields: { ...fields, passwordHash, passwordChangedAt: passwordHash === null ? null : now },
    username,
    isEdxAccountWanted: input.isEdxAccountWanted ?? true,
  };
}

/**
 * Inserts an account with its edX link, the job that makes the LMS account, and the audit event: all in the transaction of
 * `tx`. Run the transaction inside {@link withTypedConflicts}.
 *
 * @throws {@link InvalidInputError} `USERNAME_TAKEN`, `EMAIL_BLOCKED`
 */
export async function insertAccount(
  tx: EntityManager,
  { fields, username, isEdxAccountWanted }: PreparedAccount,
  actor: Actor,
  deps: AccountCreationDeps,
): Promise<Account> {
  if (username !== undefined && (await takenUsernames(tx, [username])).size > 0) throw usernameTaken();
  const account = tx.create(AccountEntity, {
    ...fields,
    username: username ?? (await reserveUsername(tx, deriveUsername(fields.name, fields.email))),
  });
  await tx.flush();
  await deps.blockedEmails.require(tx, account.email);
  await deps.edxLinks.plan(tx, account, actor, { isWanted: isEdxAccountWanted });
  await publishChange(tx, { topic: 'account', accountId: account.id });
  const detail = account.roles.length > 0 && { detail: { roles: account.roles } };
  await deps.audit.record(
    { action: 'account.created', outcome: 'success', actor, subjectId: account.id, ...detail },
    tx,
  );
  if (account.emailVerifiedAt) await claimInvitations(tx, [account.id], deps);
  return account;
}

/**
 * Runs a transaction that inserts or renames accounts, and says in words which of two rivals came second.
 *
 * @throws {@link InvalidInputError} `EMAIL_TAKEN` or `USERNAME_TAKEN`
 */
export async function withTypedConflicts<T>(transaction: () => Promise<T>): Promise<T> {
  try {
    return await transaction();
  } catch (error) {
    if (error instanceof UniqueConstraintViolationException && 'constraint' in error) {
      if (error.constraint === 'account_email') throw emailTaken(error);
      if (error.constraint === 'account_username') throw usernameTaken(error);
    }
    throw error;
  }
}

function emailTaken(cause: unknown): InvalidInputError {
  const message = 'There is already an account with this e-mail address. Sign in, or reset its password.';
  return new InvalidInputError(message, { field: ['email'], reason: 'EMAIL_TAKEN' }, { cause });
}

function usernameTaken(cause?: unknown): InvalidInputError {
  const message = 'This username is taken. Choose another one.';
  return new InvalidInputError(message, { field: ['username'], reason: 'USERNAME_TAKEN' }, { cause });
}
