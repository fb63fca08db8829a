import type { Viewer } from '../../access/viewer.js';
import { UnauthenticatedError } from '../../errors.js';
import type { FieldAccess } from '../access/access.decorator.js';
import { readGlobalId } from '../global-id.js';

/**
 * Row id of the account that an optional `accountId` names; the viewer's own without it.
 *
 * @throws InvalidInputError when it is the id of something else
 */
export function readAccountId(accountId: unknown, viewer: Viewer): string | undefined {
  return typeof accountId === 'string' ? readGlobalId('Account', accountId, 'accountId') : viewer.account?.id;
}

/** The same where there must be one. A token without an account has no own affairs. */
export function requireAccountId(accountId: string | null | undefined, viewer: Viewer): string {
  const id = readAccountId(accountId, viewer);
  if (id === undefined) throw new UnauthenticatedError('This token acts for no account: say which one with accountId.');
  return id;
}

/** Whose affairs a mutation is about: `input.accountId`, or the viewer. */
export const ownerByInput: NonNullable<FieldAccess['owner']> = ({ input }) =>
  namedOwner(input instanceof Object && 'accountId' in input ? input.accountId : undefined);

/** Whose affairs a subscription is about: `accountId`, or the viewer. */
export const ownerByArgument: NonNullable<FieldAccess['owner']> = ({ accountId }) => namedOwner(accountId);

function namedOwner(accountId: unknown): string {
  return typeof accountId === 'string' ? readGlobalId('Account', accountId, 'accountId') : 'viewer';
}
