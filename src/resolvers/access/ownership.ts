import { type Access, refusal } from '../../access/policy.js';
import type { Viewer } from '../../access/viewer.js';
import type { AppError } from '../../errors.js';

/** What access is decided by: who asks, and where an answer is made for several, a watch on what depends on which of them. */
export interface AccessContext {
  readonly viewer: Viewer;
  readonly ownership?: Ownership | undefined;
}

/** Notes while an answer is made how far it depends on who asks, beyond roles and scopes. */
export interface Ownership {
  /** Who asks, unwatched: only for decisions whose every owner is noted by `compared`. */
  readonly viewer: Viewer;
  /** Access was decided by whether this account is the viewer's. */
  compared(ownerId: string): void;
}

/** An answer in the making. */
export interface WatchedContext<Context> {
  context: Context;
  /** Whether somebody else with the same roles and scopes would have been answered the same. */
  isSameFor(other: Viewer): boolean;
}

/**
 * Wraps a context so that it is known afterwards who else may have the answer. Whatever a resolver reads of the viewer beside roles,
 * scopes and restriction makes the answer theirs alone; guards compare owners, and only the owners themselves are set apart.
 */
export function watchOwnership<Context extends AccessContext & { readonly actor: unknown }>(
  context: Context,
): WatchedContext<Context> {
  const { viewer } = context;
  const owners = new Set<string>();
  let isPersonal = false;
  const watched: Viewer = {
    via: viewer.via,
    scopes: viewer.scopes,
    restriction: viewer.restriction,
    isClientItself: viewer.isClientItself,
    roles: viewer.roles,
    expiresAt: viewer.expiresAt,
    restsOn: undefined,
    get account() {
      isPersonal = true;
      return viewer.account;
    },
    get clientId() {
      isPersonal = true;
      return viewer.clientId;
    },
    get sessionUid() {
      isPersonal = true;
      return viewer.sessionUid;
    },
  };
  const ownership: Ownership = { viewer, compared: (ownerId) => owners.add(ownerId) };
  const isOwner = ({ account }: Viewer) => account !== undefined && owners.has(account.id);
  return {
    context: {
      ...context,
      viewer: watched,
      ownership,
      get actor() {
        isPersonal = true;
        return context.actor;
      },
    },
    isSameFor: (other) => isSamePerson(viewer, other) || (!isPersonal && !isOwner(viewer) && !isOwner(other)),
  };
}

function isSamePerson(a: Viewer, b: Viewer): boolean {
  return a.account?.id === b.account?.id && a.clientId === b.clientId && a.sessionUid === b.sessionUid;
}

/**
 * The policy's decision about a row, where a resolver has to make it.
 *
 * @param ownerId - id of the account that the row belongs to, when it belongs to one
 * @returns the error to answer with, or `undefined` when access is granted
 */
export function refusalFor(
  { viewer, ownership }: AccessContext,
  access: Access,
  ownerId: string | undefined,
): AppError | undefined {
  if (!ownership || !access.own) return refusal(viewer, access, ownerId);
  if (ownerId !== undefined) ownership.compared(ownerId);
  return refusal(ownership.viewer, access, ownerId);
}

/**
 * What decisions look at beside who the viewer is. Two viewers of one digest are refused and granted the same, but for what is
 * their own.
 */
export function accessDigest({ via, account, scopes, roles, restriction, isClientItself = false }: Viewer): string {
  const inOrder = (words: Iterable<string>) => [...words].sort();
  return JSON.stringify([
    via,
    account !== undefined,
    isClientItself,
    inOrder(roles),
    scopes ? inOrder(scopes) : null,
    restriction ? [inOrder(restriction.organizations), inOrder(restriction.providers)] : null,
  ]);
}
