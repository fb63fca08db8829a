/**
 * What stands in place of a retired person's address and name. The domain is one that never exists (RFC 2606), the local part
 * tells nothing, and the address that was there may be used for another account.
 */
export function tombstoneOf(accountId: string): { email: string; name: string } {
  return { email: `retired-${accountId}@retired.invalid`, name: 'Retired account' };
}
