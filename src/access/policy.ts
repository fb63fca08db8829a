import { type AppError, ForbiddenError, UnauthenticatedError } from '../errors.js';
import type { Role, Viewer } from './viewer.js';

/**
 * What it takes to reach something, declared where the thing is. It reads: *scope* (if the caller holds a token) AND (*role*,
 * OR, with *own*, the row is the viewer's). All absent: open to whoever got as far as here.
 */
export interface Access {
  /** Scopes separated by spaces, any of which will do. */
  readonly scope?: string;
  readonly role?: Role;
  readonly own?: boolean;
  /** Scopes that do for the viewer's own row, beside `scope`. */
  readonly ownScope?: string;
}

/**
 * Decides by a viewer and a declaration.
 *
 * @param ownerId - id of the account that the row belongs to, when it belongs to one
 * @returns the error to answer with, or `undefined` when access is granted
 */
export function refusal(viewer: Viewer, access: Access, ownerId?: string | null): AppError | undefined {
  if (!access.scope && !access.role && !access.own) return undefined;
  if (viewer.via === 'nobody') return new UnauthenticatedError();
  const isOwn = access.own === true && ownerId != null && viewer.account?.id === ownerId;
  const hasRole = access.role !== undefined && viewer.roles.has(access.role);
  const needsNeither = !access.role && !access.own;
  if (!isOwn && !hasRole && !needsNeither)
    return new ForbiddenError(access.role ? `This needs the role ${access.role}.` : 'This is not yours.');
  const scopes = [access.scope, isOwn ? access.ownScope : undefined].join(' ').trim();
  if (!hasAnyScope(viewer, scopes))
    return new ForbiddenError(`The access token lacks a scope: ${scopes.replaceAll(' ', ' or ')}.`);
  return undefined;
}

function hasAnyScope(viewer: Viewer, scopes: string): boolean {
  if (viewer.scopes === undefined || scopes === '') return true;
  return scopes.split(/\s+/).some((scope) => viewer.scopes?.has(scope));
}
