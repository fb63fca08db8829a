/** Portico as browsers and passkeys know it (WebAuthn's relying party). */
export interface RelyingParty {
  /** The host: passkeys belong to it and are offered nowhere else. */
  id: string;
  /** Where answers have to come from. */
  origin: string;
  /** The site's name, which devices show. */
  name: string;
}

/** @param publicUrl - where people reach Portico */
export function relyingPartyOf({ publicUrl, siteName }: { publicUrl: string; siteName: string }): RelyingParty {
  const { hostname, origin } = new URL(publicUrl);
  return { id: hostname, origin, name: siteName };
}

/** What a passkey keeps to know whose it is (WebAuthn's user handle): the account's id, which says nothing about a person. */
export function userHandleOf(accountId: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(accountId));
}

/** @param userHandle - as a browser sends it, base64url */
export function accountIdOf(userHandle: string): string {
  return Buffer.from(userHandle, 'base64url').toString();
}
