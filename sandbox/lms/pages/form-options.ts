import { activeProvider } from '../identity/provider.js';
import { isMisconfigured, type Lms, PROVIDER_ID_PREFIX } from '../lms.js';

/**
 * What the LMS's sign-in and registration pages tell their own script, in the LMS's words: which providers there are, and whether
 * accounts may be made. With `skip_authn_mfe` an LMS whose pages are a front end of their own still answers with these.
 */
export function formOptionsScript(lms: Lms, mode: 'login' | 'register'): string {
  const provider = activeProvider(lms);
  const providers =
    provider === null
      ? []
      : [
          {
            id: `${PROVIDER_ID_PREFIX}${provider.backend}`,
            name: provider.name,
            loginUrl: `/auth/login/${provider.backend}/?auth_entry=login&next=%2Fdashboard`,
            registerUrl: `/auth/login/${provider.backend}/?auth_entry=register&next=%2Fdashboard`,
          },
        ];
  const options = {
    initial_mode: mode,
    third_party_auth: { currentProvider: null, providers, secondaryProviders: [], errorMessage: null },
    platform_name: lms.state.site.platformName,
    account_creation_allowed: !isMisconfigured(lms, 'registration-closed'),
    is_require_third_party_auth_enabled: isMisconfigured(lms, 'third-party-auth-required'),
  };
  return `<script>var options = ${dumpForScript(options)};</script>`;
}

/** JSON that cannot end the script it stands in, spaced as Python writes it. */
function dumpForScript(value: unknown): string {
  const spaced = JSON.stringify(value, null, 1).replace(/\n */g, ' ');
  return spaced.replaceAll('<', '\\u003c').replaceAll('>', '\\u003e').replaceAll('&', '\\u0026');
}
