import type { IncomingMessage, ServerResponse } from 'node:http';
import type Provider from 'oidc-provider';
import { errors, type Interaction, type InteractionResults } from 'oidc-provider';
import type { PendingInteraction } from '../../access/sign-in.js';
import { ConflictError, ForbiddenError, NotFoundError } from '../../errors.js';
import type { AuditService } from '../../services/audit/audit.service.js';
import { addressOf } from '../session/visitor.js';
import type { Consents } from './consented-grants.js';

/** A sign-in as the provider takes it; without `ts` it happens now. */
export type Login = NonNullable<InteractionResults['login']>;

/** What a person does on the way through an authorization request. */
export interface InteractionSteps {
  pending(req: IncomingMessage, res: ServerResponse): Promise<PendingInteraction | undefined>;
  /**
   * @param endOtherSession - ends the session that this browser has for another person
   * @returns the URL to go on to
   */
  finishLogin(
    req: IncomingMessage,
    res: ServerResponse,
    login: Login,
    endOtherSession?: () => Promise<void>,
  ): Promise<string>;
  finishConsent(req: IncomingMessage, res: ServerResponse, allowedScopes: readonly string[]): Promise<string>;
  abort(req: IncomingMessage, res: ServerResponse): Promise<string>;
}

export function createInteractionSteps({
  currentProvider,
  consents,
  audit,
}: {
  currentProvider: () => Provider;
  consents: Consents;
  audit: AuditService;
}): InteractionSteps {
  /** The interaction of this browser's cookie, when the cookie belongs to the page that it comes from. */
  const find = async (req: IncomingMessage, res: ServerResponse): Promise<Interaction | undefined> => {
    try {
      const interaction = await currentProvider().interactionDetails(req, res);
      const path = (req.url ?? '').split('?', 1)[0] ?? '';
      return path.split('/').includes(interaction.uid) ? interaction : undefined;
    } catch (error) {
      if (error instanceof errors.SessionNotFound) return undefined;
      throw error;
    }
  };
  const expect = async (req: IncomingMessage, res: ServerResponse, prompt?: PendingInteraction['prompt']) => {
    const interaction = await find(req, res);
    if (!interaction) throw new NotFoundError('This sign-in has expired, or belongs to another browser. Start again.');
    if (prompt && interaction.prompt.name !== prompt)
      throw new ConflictError('This sign-in is at another step. Go back to where you started.');
    return interaction;
  };

  return {
    async pending(req, res) {
      const interaction = await find(req, res);
      if (!interaction) return undefined;
      const client = await currentProvider().Client.find(String(interaction.params.client_id));
      return toPending(interaction, client?.clientName);
    },

    async finishLogin(req, res, login, endOtherSession) {
      const interaction = await expect(req, res, 'login');
      if (interaction.session && interaction.session.accountId !== login.accountId) {
        await endOtherSession?.();
        interaction.session = undefined;
      }
      interaction.result = { ...interaction.lastSubmission, login };
      await interaction.persist();
      return interaction.returnTo;
    },

    async finishConsent(req, res, allowedScopes) {
      const interaction = await expect(req, res, 'consent');
      const provider = currentProvider();
      const accountId = interaction.session?.accountId;
      if (!accountId) throw new ForbiddenError('Sign in first.');
      const clientId = String(interaction.params.client_id);
      const asked = askedScopes(interaction);
      const allowed = asked.filter((scope) => allowedScopes.includes(scope));
      if (allowed.length === 0) return decline(interaction);
      const existing = interaction.grantId ? await provider.Grant.find(interaction.grantId) : undefined;
      const grant = existing ?? new provider.Grant({ accountId, clientId });
      grant.addOIDCScope(allowed);
      const refused = asked.filter((scope) => !allowed.includes(scope));
      if (refused.length > 0) grant.rejectOIDCScope(refused);
      const grantId = await grant.save();
      await consents.allow(accountId, clientId, allowed);
      const actor = { accountId, clientId, address: addressOf(req) };
      await audit.record({ action: 'consent.given', outcome: 'success', actor, detail: { scopes: allowed, refused } });
      interaction.result = { ...interaction.lastSubmission, consent: { grantId } };
      await interaction.persist();
      return interaction.returnTo;
    },

    abort: async (req, res) => decline(await expect(req, res)),
  };
}

async function decline(interaction: Interaction): Promise<string> {
  interaction.result = { error: 'access_denied', error_description: 'End-User aborted interaction' };
  await interaction.persist();
  return interaction.returnTo;
}

/** What the consent page asks about: what is missing or, when the client wants the person to be asked again, everything. */
function askedScopes({ prompt, params }: Interaction): string[] {
  const missing = prompt.details.missingOIDCScope;
  if (Array.isArray(missing) && missing.length > 0) return missing.map(String);
  return String(params.scope ?? '')
    .split(' ')
    .filter(Boolean);
}

function toPending(interaction: Interaction, clientName: string | undefined): PendingInteraction {
  const { uid, prompt, params, session } = interaction;
  const hint = params.login_hint;
  return {
    uid,
    prompt: prompt.name === 'consent' ? 'consent' : 'login',
    clientId: String(params.client_id),
    clientName: clientName ?? String(params.client_id),
    missingScopes: askedScopes(interaction),
    loginHint: typeof hint === 'string' ? hint : undefined,
    accountId: session?.accountId,
    mustReauthenticate: prompt.name === 'login' && !prompt.reasons.includes('no_session'),
    // A device's request goes on in this browser only; its page knows who it is for.
    requestPath: interaction.deviceCode ? new URL(interaction.returnTo).pathname : requestPath(params),
  };
}

/** The authorization request itself; without the prompt for a login, which has been answered by the time it is used. */
function requestPath(params: Record<string, unknown>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params))
    if (typeof value === 'string' && name !== 'prompt') query.set(name, value);
  return `/oauth2/authorize/?${query}`;
}
