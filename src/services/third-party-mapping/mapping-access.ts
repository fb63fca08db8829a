import { refusal } from '../../access/policy.js';
import type { Viewer } from '../../access/viewer.js';
import { ForbiddenError } from '../../errors.js';

/** Which providers clients were granted, beside what STAFF may read. */
export interface ProviderGrants {
  isGranted(clientId: string, providerId: string): Promise<boolean>;
}

/**
 * Lets in who may read the ID mapping of a provider: STAFF, a client that was granted the provider, and the token of a
 * restricted client that names it. A person's token opens it by that person's role only, whatever the client was granted: a
 * client must not have from a learner what the learner has not.
 *
 * @throws UnauthenticatedError for nobody
 * @throws {@link ForbiddenError} for everybody else, whether there is such a provider or not
 */
export async function requireMappingAccess(viewer: Viewer, providerId: string, grants: ProviderGrants): Promise<void> {
  const lack = refusal(viewer, { scope: 'tpa:read' });
  if (lack) throw lack;
  if (await isAllowed(viewer, providerId, grants)) return;
  throw new ForbiddenError('This needs the role STAFF, or a client that was granted the provider.');
}

async function isAllowed(viewer: Viewer, providerId: string, grants: ProviderGrants): Promise<boolean> {
  const { restriction, clientId, isClientItself = false, roles } = viewer;
  if (restriction) return restriction.providers.includes(providerId) && (isClientItself || roles.has('STAFF'));
  if (roles.has('STAFF')) return true;
  return isClientItself && clientId !== undefined && (await grants.isGranted(clientId, providerId));
}
