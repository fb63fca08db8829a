import type Provider from 'oidc-provider';

/** Whether the grant that a person's token was issued under still stands, and is for the same person and client. */
export async function isGranted(
  provider: Provider,
  token: { grantId?: string | undefined; clientId?: string | undefined; accountId?: string | undefined },
): Promise<boolean> {
  const grant = token.grantId ? await provider.Grant.find(token.grantId) : undefined;
  return grant?.clientId === token.clientId && grant?.accountId === token.accountId;
}
