import { systemActor } from '../actor.js';
import type { IdentityProviderRow } from './document.js';
import type { AppliedRow, ApplyMode, InstallationDeps } from './row.js';

/** Makes an identity provider, or brings the one there is in line. @throws InvalidInputError, NotFoundError, ConflictError */
export async function applyIdentityProvider(
  { identityProviders }: Pick<InstallationDeps, 'identityProviders'>,
  { organization, secret, enabled, ...row }: IdentityProviderRow,
  { isDryRun, announced }: ApplyMode,
): Promise<AppliedRow> {
  const isOrganizationAnnounced = isDryRun && announced.organizationKeys.has(organization.toLowerCase());
  const { outcome, changed } = await identityProviders.ensure(
    { ...row, organizationKey: organization, clientSecret: secret, isEnabled: enabled },
    systemActor,
    { isDryRun, isOrganizationAnnounced },
  );
  return { kind: 'identity provider', name: row.slug, outcome, changed };
}
