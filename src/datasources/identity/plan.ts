/** An LMS user to be looked up, and the address that the user probably has there. */
export interface IdentityKey {
  username: string;
  email: string | null;
}

export interface IdentityPlan {
  /** To be looked up together, by one call for hundreds. */
  emails: string[];
  /** Of users without a known address: a whole account each, which costs the LMS many times as much. */
  usernames: string[];
}

/** Username, id and e-mail address of users: by address where one is known. The same user is looked up once, however often wanted. */
export function planIdentities(wanted: readonly IdentityKey[]): IdentityPlan {
  const byName = new Map<string, IdentityKey>();
  for (const key of wanted) {
    const known = byName.get(key.username.toLowerCase());
    if (!known || (known.email === null && key.email !== null)) byName.set(key.username.toLowerCase(), key);
  }
  const keys = [...byName.values()];
  return {
    emails: [...new Set(keys.flatMap(({ email }) => (email === null ? [] : [email])))],
    usernames: keys.flatMap(({ username, email }) => (email === null ? [username] : [])),
  };
}
