import type { Sealer } from '../../crypto/sealer.js';
import type { OidcProvider, OidcRequest, OidcSignIns } from '../../datasources/identity-provider/oidc.js';
import type { IdentityProvider } from '../../entities/identity-provider.entity.js';
import type { SignInProtocol } from './identity-sign-ins.js';

/** Where a provider sends people back to. */
export function callbackUrlOf(publicUrl: string, { slug }: Pick<IdentityProvider, 'slug'>): string {
  return `${publicUrl}/login/with/${slug}/callback`;
}

/** Sign-ins at the OpenID providers that are stored. */
export function createOidcProtocol({
  oidc,
  sealer,
  publicUrl,
}: {
  oidc: OidcSignIns;
  /** Of their clients' secrets. */
  sealer: Sealer;
  publicUrl: string;
}): SignInProtocol {
  const describe = async (provider: IdentityProvider): Promise<OidcProvider> => ({
    issuer: provider.issuer,
    clientId: provider.clientId ?? '',
    clientSecret: provider.sealedSecret == null ? undefined : await sealer.open(provider.sealedSecret),
    scopes: provider.scopes,
    keyClaim: provider.keyClaim,
    redirectUri: callbackUrlOf(publicUrl, provider),
  });
  return {
    async begin(provider, state, options) {
      const { url, request } = await oidc.begin(await describe(provider), state, options);
      return { url, kept: request };
    },
    prove: async (provider, { query, state, kept }) =>
      oidc.prove(await describe(provider), { query, state, request: kept as OidcRequest }),
  };
}
