import type { EntityManager } from '@mikro-orm/postgresql';
import type { ImportedAccount } from './row.js';

/** What stands against a line: the same account is there already, or somebody else has what must be unique. */
export type Rival = 'itself' | { code: string; reason: string };

type RivalsOf = (em: EntityManager, accounts: readonly ImportedAccount[]) => Promise<(Rival | undefined)[]>;

interface Present {
  username: string;
  email: string;
  edxUsername: string | null;
}

/** Looks for rivals in the database, one query for a batch, and among the lines that came before in the same import. */
export function createRivals(): RivalsOf {
  const seen = { usernames: new Set<string>(), emails: new Set<string>(), edxUsernames: new Set<string>() };

  return async (em, accounts) => {
    const present = await findPresent(em, accounts);
    const byUsername = new Map(present.map((row) => [row.username.toLowerCase(), row]));
    const byEmail = new Map(present.map((row) => [row.email.toLowerCase(), row]));
    const byEdxUsername = new Map(present.map((row) => [row.edxUsername?.toLowerCase() ?? '', row]));
    return accounts.map((account) => {
      const username = account.username.toLowerCase();
      const email = account.email.toLowerCase();
      const edxUsername = account.edxUsername?.toLowerCase() ?? '';
      const twin = seenBefore(seen, { username, email, edxUsername });
      if (twin) return twin;
      const same = byUsername.get(username);
      if (same?.email.toLowerCase() === email) return 'itself';
      if (same) return taken('USERNAME_TAKEN', `an account with the e-mail address ${same.email}`, 'username');
      const other = byEmail.get(email);
      if (other) return taken('EMAIL_TAKEN', `the account ${other.username}`, 'e-mail address');
      const linked = edxUsername && byEdxUsername.get(edxUsername);
      if (linked) return taken('EDX_USERNAME_TAKEN', `the account ${linked.username}`, 'LMS username');
      return undefined;
    });
  };
}

function taken(code: string, who: string, what: string): Rival {
  return { code, reason: `There is ${who} with this ${what} already.` };
}

function seenBefore(
  seen: { usernames: Set<string>; emails: Set<string>; edxUsernames: Set<string> },
  { username, email, edxUsername }: { username: string; email: string; edxUsername: string },
): Rival | undefined {
  const what = seen.usernames.has(username)
    ? 'username'
    : seen.emails.has(email)
      ? 'e-mail address'
      : edxUsername && seen.edxUsernames.has(edxUsername)
        ? 'LMS username'
        : undefined;
  if (what) return { code: 'REPEATED', reason: `A line above has the same ${what}.` };
  seen.usernames.add(username);
  seen.emails.add(email);
  if (edxUsername) seen.edxUsernames.add(edxUsername);
  return undefined;
}

function findPresent(em: EntityManager, accounts: readonly ImportedAccount[]): Promise<Present[]> {
  const lowered = (texts: (string | null)[]) =>
    JSON.stringify(texts.filter((text) => text !== null).map((text) => text.toLowerCase()));
  const names = lowered(accounts.map(({ username }) => username));
  return em.execute<Present[]>(
    `select account.username, account.email, edx_link.edx_username as "edxUsername"
     from account left join edx_link on edx_link.account_id = account.id
     where lower(account.username) in (select jsonb_array_elements_text(?::jsonb))
        or lower(account.email) in (select jsonb_array_elements_text(?::jsonb))
        or lower(edx_link.edx_username) in (select jsonb_array_elements_text(?::jsonb))`,
    [names, lowered(accounts.map(({ email }) => email)), lowered(accounts.map(({ edxUsername }) => edxUsername))],
  );
}
