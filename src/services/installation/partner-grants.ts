import { NotFoundError } from '../../errors.js';
import { systemActor } from '../actor.js';
import type { PartnerHolder } from '../partner-grant/partner-grant.service.js';
import type { PartnerGrantRow } from './document.js';
import type { AppliedRow, ApplyMode, InstallationDeps } from './row.js';

type Deps = Pick<InstallationDeps, 'accounts' | 'partnerGrants'>;

/**
 * Gives a partner a role, or an address the invitation to one; what they have beyond it stays.
 *
 * @throws {@link NotFoundError} when there is no such account, organization or program
 * @throws InvalidInputError naming the field
 */
export async function applyPartnerGrant(deps: Deps, row: PartnerGrantRow, mode: ApplyMode): Promise<AppliedRow> {
  const { role, organization, program } = row;
  const place = organization ?? program ?? '';
  const applied = { kind: 'partner grant' as const, name: `${row.account ?? row.email} ${role} ${place}`, changed: [] };
  const holder = await findHolder(deps, row, mode);
  const input = { role, organizationKey: organization, programKey: program };
  if (!holder || (mode.isDryRun && (await isOnlyAnnounced(deps, row, mode)))) return { ...applied, outcome: 'created' };
  if (await deps.partnerGrants.isGranted(holder, input)) return { ...applied, outcome: 'unchanged' };
  if (!mode.isDryRun) await deps.partnerGrants.grant(holder, input, systemActor);
  return { ...applied, outcome: 'created' };
}

/** @returns nothing for an account that the document makes and that is not there yet */
async function findHolder(
  { accounts }: Deps,
  { account: username, email }: PartnerGrantRow,
  { isDryRun, announced }: ApplyMode,
): Promise<PartnerHolder | undefined> {
  if (username === undefined) return { email: email ?? '' };
  const account = await accounts.findByUsername(username);
  if (account) return { accountId: account.id };
  if (isDryRun && announced.usernames.has(username.toLowerCase())) return undefined;
  throw new NotFoundError(`There is no account ${username}.`);
}

/** Whether the place is one that the document makes. */
async function isOnlyAnnounced(
  { partnerGrants }: Deps,
  { organization, program }: PartnerGrantRow,
  { announced }: ApplyMode,
): Promise<boolean> {
  const isAnnounced =
    organization === undefined
      ? announced.programKeys.has((program ?? '').toLowerCase())
      : announced.organizationKeys.has(organization.toLowerCase());
  return isAnnounced && !(await partnerGrants.hasTarget({ organizationKey: organization, programKey: program }));
}
