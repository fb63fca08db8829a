import type { Account, AccountProfile, Role } from '../../entities/account.entity.js';
import { ConflictError, InvalidInputError } from '../../errors.js';
import { parseEmail, parseName, parseProfile, parseUsername } from '../account/rules.js';
import { systemActor } from '../actor.js';
import type { AccountRow } from './document.js';
import type { AppliedRow, ApplyMode, InstallationDeps } from './row.js';

type Deps = Pick<InstallationDeps, 'accounts' | 'accountLifecycle' | 'passwordPolicy'>;

/**
 * Makes an account, or brings name, profile and roles of the one there is in line. Its e-mail address and password belong to
 * the person once it is there.
 *
 * @throws InvalidInputError naming the field
 * @throws {@link ConflictError} when somebody else has the e-mail address, or the account another one
 */
export async function applyAccount(deps: Deps, row: AccountRow, { isDryRun }: ApplyMode): Promise<AppliedRow> {
  const asked = {
    username: parseUsername(row.username),
    email: parseEmail(row.email),
    name: parseName(row.name),
    profile: parseProfile(row.profile ?? {}, new Date()),
    roles: [...new Set(row.roles)],
  };
  const account = await deps.accounts.findByUsername(asked.username);
  // PARTNER follows from the roles in organizations and programs, which have rows of their own.
  const isPartner = account?.roles.includes('PARTNER') ?? false;
  const wanted = isPartner ? { ...asked, roles: [...new Set<Role>([...asked.roles, 'PARTNER'])] } : asked;
  const applied = { kind: 'account' as const, name: wanted.username };
  if (!account) {
    await requireFree(deps, wanted.email);
    if (row.password !== undefined) await deps.passwordPolicy.check(row.password, [row.name, row.username, row.email]);
    if (!isDryRun) await create(deps, wanted, row);
    return { ...applied, outcome: 'created', changed: [] };
  }
  if (account.email.toLowerCase() !== wanted.email.toLowerCase())
    throw new ConflictError(`The account ${account.username} has another e-mail address, which the person changes.`);
  const changed = changesOf(account, wanted);
  if (!isDryRun) await update(deps, account, wanted);
  return { ...applied, outcome: changed.length > 0 ? 'updated' : 'unchanged', changed };
}

interface Wanted {
  username: string;
  email: string;
  name: string;
  profile: AccountProfile;
  roles: Role[];
}

async function requireFree({ accounts }: Deps, email: string): Promise<void> {
  const other = await accounts.findByEmail(email);
  if (other)
    throw new InvalidInputError(`The account ${other.username} has this e-mail address.`, { field: ['email'] });
}

async function create({ accounts }: Deps, wanted: Wanted, { password, edxAccount = true }: AccountRow): Promise<void> {
  await accounts.create({ ...wanted, password, isEmailVerified: true, isEdxAccountWanted: edxAccount }, systemActor);
}

function changesOf(account: Account, { name, profile, roles }: Wanted): string[] {
  const given = Object.entries(profile) as [keyof AccountProfile, unknown][];
  return [
    ...(account.name === name ? [] : ['name']),
    ...given.filter(([part, value]) => (account.profile[part] ?? null) !== value).map(([part]) => `profile.${part}`),
    ...(new Set([...account.roles, ...roles]).size === roles.length && account.roles.length === roles.length
      ? []
      : ['roles']),
  ];
}

async function update({ accounts, accountLifecycle }: Deps, account: Account, wanted: Wanted): Promise<void> {
  await accounts.updateProfile(account.id, { name: wanted.name, profile: wanted.profile }, systemActor);
  for (const role of wanted.roles) await accountLifecycle.grantRole(account.id, role, systemActor);
  for (const role of account.roles)
    if (!wanted.roles.includes(role)) await accountLifecycle.revokeRole(account.id, role, systemActor);
}
