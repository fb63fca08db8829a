import type { IncomingMessage, ServerResponse } from 'node:http';
import type Provider from 'oidc-provider';
import { type Client, errors, type Grant, type Interaction, type InteractionResults } from 'oidc-provider';
import type { ClientLimits, PendingInteraction } from '../../access/sign-in.js';
import type { ClientRestriction } from '../../entities/oauth-client.entity.js';
import { ConflictError, ForbiddenError, NotFoundError } from '../../errors.js';
import type { AuditService } from '../../services/audit/audit.service.js';
import { claimsAskedFor, scopesOpening } from '../claims.js';
import type { ClientRegistry } from '../client/registry.js';
import { restrictScopes } from '../jwt/restricted-tokens.js';
import { addressOf } from '../session/visitor.js';
import { type Consents, sortClaims } from './consented-grants.js';

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
  clients,
  isLmsClient,
  audit,
}: {
  currentProvider: () => Provider;
  consents: Consents;
  clients: Pick<ClientRegistry, 'find'>;
  /** Whether a client is the one that the LMS signs people in by. */
  isLmsClient: (clientId: string) => Promise<boolean>;
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
      const clientId = String(interaction.params.client_id);
      const [client, isForLms, stored] = await Promise.all([
        currentProvider().Client.find(clientId),
        isLmsClient(clientId),
        clients.find(clientId),
      ]);
      const pending = toPending(interaction, client);
      return { ...pending, isForLms, limits: limitsOf(stored?.restriction, pending.missingScopes) };
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
      const client = await provider.Client.find(clientId);
      const asked = askedScopes(interaction, client);
      const allowed = asked.filter((scope) => allowedScopes.includes(scope));
      if (allowed.length === 0) return decline(interaction);
      const existing = interaction.grantId ? await provider.Grant.find(interaction.grantId) : undefined;
      const grant = existing ?? new provider.Grant({ accountId, clientId });
      const refused = asked.filter((scope) => !allowed.includes(scope));
      const requested = requestedScopes(interaction);
      const [granted, rejected] = [allowed, refused].map((some) => some.filter((scope) => requested.includes(scope)));
      if (granted?.length) grant.addOIDCScope(granted);
      if (rejected?.length) grant.rejectOIDCScope(rejected);
      decideClaims(grant, claimsAskedFor(interaction.params.claims), allowed, client?.scope);
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
function askedScopes(interaction: Interaction, client: Client | undefined): string[] {
  const { missingOIDCScope: scopes, missingOIDCClaims: claims } = interaction.prompt.details;
  const missing = [...listOf(scopes), ...scopesFor(listOf(claims), client)];
  if (missing.length > 0) return [...new Set(missing)];
  return [
    ...new Set([...requestedScopes(interaction), ...scopesFor(claimsAskedFor(interaction.params.claims), client)]),
  ];
}

function requestedScopes({ params }: Interaction): string[] {
  return String(params.scope ?? '')
    .split(' ')
    .filter(Boolean);
}

/** What to ask a person for single claims: the scope that opens each, which is what there are words for. */
function scopesFor(claims: readonly string[], client: Client | undefined): string[] {
  const registered = client?.scope?.split(' ') ?? [];
  return claims.flatMap((claim) => scopesOpening(claim).find((scope) => registered.includes(scope)) ?? []);
}

/** Single claims go with the scopes that open them; what the client may not have, it does not get and is not asked about. */
function decideClaims(
  grant: Grant,
  claims: readonly string[],
  allowedScopes: readonly string[],
  registeredScope: string | undefined,
): void {
  const { open, closed } = sortClaims(claims, registeredScope);
  const decided = [...grant.getOIDCScope().split(' '), ...allowedScopes];
  const isAllowed = (claim: string) => scopesOpening(claim).some((scope) => decided.includes(scope));
  const granted = open.filter(isAllowed);
  const rejected = [...closed, ...open.filter((claim) => !isAllowed(claim))];
  if (granted.length > 0) grant.addOIDCClaims(granted);
  if (rejected.length > 0) grant.rejectOIDCClaims(rejected);
}

function listOf(names: unknown): string[] {
  return Array.isArray(names) ? names.map(String) : [];
}

function limitsOf(
  restriction: ClientRestriction | null | undefined,
  scopes: readonly string[],
): ClientLimits | undefined {
  if (!restriction) return undefined;
  const { mode, organizations, providers } = restriction;
  const leftScopes = restrictScopes(scopes, restriction);
  return { isForSignInOnly: mode === 'SSO_ONLY', leftScopes, organizations, providers };
}

function toPending(
  interaction: Interaction,
  client: Client | undefined,
): Omit<PendingInteraction, 'isForLms' | 'limits'> {
  const { uid, prompt, params, session } = interaction;
  const { login_hint: hint, ui_locales: uiLocales } = params;
  return {
    uid,
    prompt: prompt.name === 'consent' ? 'consent' : 'login',
    clientId: String(params.client_id),
    clientName: client?.clientName ?? String(params.client_id),
    missingScopes: askedScopes(interaction, client),
    loginHint: typeof hint === 'string' ? hint : undefined,
    uiLocales: typeof uiLocales === 'string' ? uiLocales.split(' ').filter(Boolean) : [],
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
