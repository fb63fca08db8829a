import { IdentityProviderError } from '../../datasources/identity-provider/proven-identity.js';
import { beginSaml, proveSaml, type SamlProvider, type SamlRequest } from '../../datasources/identity-provider/saml.js';
import type { IdentityProvider } from '../../entities/identity-provider.entity.js';
import type { SignInProtocol } from './identity-sign-ins.js';
import { callbackUrlOf } from './oidc-protocol.js';

/** What is kept of a request; the answer comes to it by a post of its own, without the browser's cookie. */
interface KeptSaml extends SamlRequest {
  answer?: string;
}

/** Sign-ins at the SAML identity providers that are stored. */
export function createSamlProtocol({ publicUrl }: { publicUrl: string }): SignInProtocol {
  const describe = (provider: IdentityProvider): SamlProvider => ({
    issuer: provider.issuer,
    ssoUrl: provider.ssoUrl ?? '',
    certificates: provider.certificates,
    keyAttribute: provider.keyClaim,
    entityId: `${publicUrl}/login/with/${provider.slug}`,
    callbackUrl: callbackUrlOf(publicUrl, provider),
  });
  return {
    async begin(provider, state, options) {
      const { url, request } = await beginSaml(describe(provider), state, options);
      return { url, kept: request };
    },
    async prove(provider, { kept }) {
      const { id, answer } = kept as KeptSaml;
      if (answer === undefined) throw new IdentityProviderError('wrong-answer', 'no answer was posted');
      return proveSaml(describe(provider), { response: answer, request: { id } });
    },
  };
}
