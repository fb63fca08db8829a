import { type Interaction, interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import { isHeadless } from '../session/headless.js';

const { Check, base } = interactionPolicy;

/** Where a person goes to do what the provider waits for. Cookies are bound to this path, so each browser tab has its own. */
export function interactionUrl(_ctx: KoaContextWithOIDC, interaction: Interaction): string {
  const page = interaction.prompt.name === 'consent' ? 'consent' : 'login';
  return `/${page}/${interaction.uid}`;
}

/**
 * When a person must be asked: the provider's own policy and, before it, sessions that are none: of accounts that were
 * deactivated since, and those of the exchange without a browser when another client than the LMS comes with one.
 *
 * @param lmsClientName - name of the LMS's client
 * @param hasSecondFactor - whether a person can do what `acr_values=aal2` asks for; it is a wish, so others go on without
 */
export function createPolicy(lmsClientName: string, hasSecondFactor: (accountId: string) => Promise<boolean>) {
  const policy = base();
  const login = policy.get('login');
  if (!login) throw new Error('the provider has no login prompt');
  login.checks.add(
    new Check('account_unavailable', 'the account is not available', 'login_required', ({ oidc }) =>
      oidc.session?.accountId && !oidc.account ? Check.REQUEST_PROMPT : Check.NO_NEED_TO_PROMPT,
    ),
  );
  login.checks.add(
    new Check('foreign_headless_session', 'End-User authentication is required', 'login_required', ({ oidc }) =>
      isHeadless(oidc.session) && oidc.client?.clientName !== lmsClientName
        ? Check.REQUEST_PROMPT
        : Check.NO_NEED_TO_PROMPT,
    ),
  );
  login.checks.add(
    new Check('second_factor_wanted', 'a second factor is wanted', 'login_required', async ({ oidc }) => {
      const { session, params } = oidc;
      const wanted = String(params?.acr_values ?? '').split(' ')[0];
      if (wanted !== 'aal2' || !session?.accountId || session.acr === 'aal2' || isHeadless(session))
        return Check.NO_NEED_TO_PROMPT;
      return (await hasSecondFactor(session.accountId)) ? Check.REQUEST_PROMPT : Check.NO_NEED_TO_PROMPT;
    }),
  );
  return policy;
}
