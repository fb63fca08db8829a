import type Provider from 'oidc-provider';

/** How far the provider lets the time in a proof be from ours, either way. */
const providerToleranceSeconds = 300;

/**
 * Has the provider remember proofs (RFC 9449 11.1) as long as they could come again. By itself it remembers them for as long as
 * a proof made now is taken; but it takes proofs that are dated ahead too, and those are good for twice that.
 */
export function rememberProofs(provider: Provider): void {
  const { ReplayDetection } = provider;
  const isFirst = ReplayDetection.unique;
  ReplayDetection.unique = function unique(issuer, id, untilSeconds) {
    return isFirst.call(this, issuer, id, untilSeconds + providerToleranceSeconds);
  };
}
