/** What the provider must know of an account. */
export interface OAuthAccount {
  readonly id: string;
  readonly username: string;
  readonly email: string;
  readonly emailVerifiedAt?: Date | null | undefined;
  readonly name: string;
  readonly status: 'ACTIVE' | 'DEACTIVATED' | 'BLOCKED' | 'RETIRED';
  readonly roles: readonly ('LEARNER' | 'STAFF' | 'SUPPORT' | 'ADMIN' | 'PARTNER')[];
  readonly profile: {
    readonly birthYear?: number | null;
    readonly gender?: string | null;
    readonly languageCode?: string | null;
  };
  readonly updatedAt: Date;
}

/** Where accounts come from; the account service has this shape. */
export interface AccountSource {
  findById(id: string): Promise<OAuthAccount | null | undefined>;
}

/** @returns the account, when it may use anything at all: neither deactivated nor blocked nor retired */
export async function findActiveAccount(accounts: AccountSource, id: string): Promise<OAuthAccount | undefined> {
  const account = await accounts.findById(id);
  return account?.status === 'ACTIVE' ? account : undefined;
}
