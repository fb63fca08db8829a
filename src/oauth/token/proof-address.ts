import { decodeJwt, errors as joseErrors } from 'jose';
import Provider from 'oidc-provider';
import { isSameEndpoint } from '../endpoint-names.js';

/**
 * Lets a proof name an endpoint as its client calls it: with trailing slash, or by the name that Open edX has for it. The
 * provider compares the address in a proof (`htu`, RFC 9449 4.3) with the one spelling that it publishes.
 */
export function admitOtherSpellings(provider: Provider): void {
  const { prototype } = provider.OIDCContext;
  const { urlFor, clientJwtAuthExpectedAudience } = prototype;
  prototype.urlFor = function spelledUrlFor(name, options) {
    const url = urlFor.call(this, name, options);
    return name === this.route ? spelledAs(url, Provider.ctx?.get('dpop') ?? '') : url;
  };
  // What a client's assertion may be made out to is no matter of spelling.
  prototype.clientJwtAuthExpectedAudience = function expectedAudience() {
    const published = ['token', this.route].map((name) => urlFor.call(this, name));
    return new Set([...clientJwtAuthExpectedAudience.call(this), ...published]);
  };
}

/** The address in a proof, when it leads to the endpoint at `url`; its signature is the provider's to check. */
function spelledAs(url: string, proof: string): string {
  const claimed = proof && URL.parse(addressIn(proof) ?? '');
  if (!claimed || claimed.origin !== new URL(url).origin) return url;
  return isSameEndpoint(claimed.pathname, new URL(url).pathname) ? `${claimed.origin}${claimed.pathname}` : url;
}

function addressIn(proof: string): string | undefined {
  try {
    const { htu } = decodeJwt(proof);
    return typeof htu === 'string' ? htu : undefined;
  } catch (error) {
    if (error instanceof joseErrors.JOSEError) return undefined;
    throw error;
  }
}
