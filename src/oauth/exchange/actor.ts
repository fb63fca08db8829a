import type { KoaContextWithOIDC } from 'oidc-provider';

/** Who acts with a token for the person that it is about, and who did before them (`act`, RFC 8693 4.1). */
export interface Actor {
  /** A client or, where it acts for somebody in turn, that person. */
  sub: string;
  client_id?: string;
  act?: Actor;
}

/** So many may hand a token on to each other; it is kept with each of them. */
export const mostActors = 5;

const actor = 'actor';

/** Has the tokens that a request issues say who acts. */
export function setActor(ctx: KoaContextWithOIDC, value: Actor): void {
  ctx.state[actor] = value;
}

/** What tokens say beside what all say; introspection tells it, too. */
export function extraTokenClaims(ctx: KoaContextWithOIDC | undefined): { act: Actor } | undefined {
  const value: Actor | undefined = ctx?.state[actor];
  return value && { act: value };
}

/** @returns who acts with a stored token, the last one first; nobody but its person, when it was not exchanged */
export function actorOf(token: { extra?: unknown }): Actor | undefined {
  const { extra } = token;
  return extra instanceof Object && 'act' in extra ? (extra.act as Actor) : undefined;
}

export function countActors(first: Actor | undefined): number {
  return first ? 1 + countActors(first.act) : 0;
}
