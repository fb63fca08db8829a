import { isMisconfigured, type Lms } from '../lms.js';
import type { ProviderConfig } from '../rows.js';

/** The provider as it is configured, with what the `misconfigured` switches have done to it. */
export function configuredProvider(lms: Lms): ProviderConfig {
  const provider = lms.state.provider;
  return {
    ...provider,
    backend: isMisconfigured(lms, 'wrong-slug') ? `${provider.backend}-other` : provider.backend,
    clientSecret: isMisconfigured(lms, 'secret-mismatch') ? `${provider.clientSecret}-other` : provider.clientSecret,
    enabled: provider.enabled && !isMisconfigured(lms, 'wrong-site') && isBackendInstalled(lms),
  };
}

/** Whether the plugin that brings the backend is installed; without it the LMS does not know its paths. */
export function isBackendInstalled(lms: Lms): boolean {
  return !isMisconfigured(lms, 'missing-backend');
}

/** The provider that this site offers; null when its row is disabled, of another site, or without a backend. */
export function activeProvider(lms: Lms): ProviderConfig | null {
  const provider = configuredProvider(lms);
  return provider.enabled ? provider : null;
}
