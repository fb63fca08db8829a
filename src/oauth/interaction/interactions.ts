import { errors, type Interaction, interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import { isHeadless } from '../session/headless.js';

const { Check, base } = interactionPolicy;

/** What a sign-in can be worth, by the levels of NIST SP 800-63B. */
export const acrValues: readonly string[] = ['aal1', 'aal2'];

/** Where a person goes to do what the provider waits for. Cookies are bound to this path, so each browser tab has its own. */
export function interactionUrl(_ctx: KoaContextWithOIDC, interaction: Interaction): string {
  const page = interaction.prompt.name === 'consent' ? 'consent' : 'login';
  return `/${page}/${interaction.uid}`;
}

/**
 * When a person must be asked: the provider's own policy and, before it, sessions that are none: of accounts that were
 * deactivated since, and those of the exchange without a browser when another client than the LMS comes with one.
 *
 * @param isLmsClient - whether a client is the one that the LMS signs people in by
 * @param hasSecondFactor - whether a person can do what `acr_values=aal2` asks for; it is a wish, so others go on without
 */
export function createPolicy(
  isLmsClient: (clientId: string) => Promise<boolean>,
  hasSecondFactor: (accountId: string) => Promise<boolean>,
) {
  const policy = base();
  const login = policy.get('login');
  if (!login) throw new Error('the provider has no login prompt');
  login.checks.add(
    new Check('account_unavailable', 'the account is not available', 'login_required', ({ oidc }) =>
      oidc.session?.accountId && !oidc.account ? Check.REQUEST_PROMPT : Check.NO_NEED_TO_PROMPT,
    ),
  );
  login.checks.add(
    new Check('foreign_headless_session', 'End-User authentication is required', 'login_required', async ({ oidc }) =>
      isHeadless(oidc.session) && !(await isLmsClient(oidc.client?.clientId ?? ''))
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
  for (const check of ['essential_acr', 'essential_acrs']) login.checks.remove(check);
  login.checks.add(
    new Check('essential_acr', 'the requested ACR is required', 'login_required', ({ oidc }) =>
      needsEssentialAcr(oidc, hasSecondFactor),
    ),
  );
  return policy;
}

/**
 * Whether a sign-in is needed to reach an `acr` that a client insists on (OpenID Connect Core 5.5.1.1).
 *
 * @throws when no sign-in of this person would reach it: the client is told so, and nobody is asked for the same again and again
 */
async function needsEssentialAcr(
  { claims, session, result }: KoaContextWithOIDC['oidc'],
  hasSecondFactor: (accountId: string) => Promise<boolean>,
): Promise<boolean> {
  const required = essentialAcrs(claims?.id_token?.acr);
  if (required.length === 0) return Check.NO_NEED_TO_PROMPT;
  if (!acrValues.some((acr) => required.includes(acr))) throw cannotReach();
  // Whoever is nobody yet is asked to sign in for that.
  if (!session?.accountId || required.includes(session.acr)) return Check.NO_NEED_TO_PROMPT;
  if (result?.login || !(await hasSecondFactor(session.accountId))) throw cannotReach();
  return Check.REQUEST_PROMPT;
}

function essentialAcrs(request: unknown): unknown[] {
  if (!(request instanceof Object) || !('essential' in request) || request.essential !== true) return [];
  const values = 'values' in request ? request.values : [];
  if (!Array.isArray(values)) throw new errors.InvalidRequest('invalid claims.id_token.acr.values type');
  return 'value' in request ? [...values, request.value] : values;
}

function cannotReach(): errors.UnmetAuthenticationRequirements {
  return new errors.UnmetAuthenticationRequirements('the required acr cannot be reached by this person');
}
