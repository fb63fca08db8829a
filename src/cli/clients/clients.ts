import type { RestrictionMode } from '../../entities/oauth-client.entity.js';
import { systemActor } from '../../services/actor.js';
import type { OAuthClientService } from '../../services/oauth-client/oauth-client.service.js';
import { openContext } from '../command-context.js';
import { printAnswer } from '../output.js';

interface Answering {
  json: boolean;
}

const pageSize = 100;

/** `portico list-clients`: clients with what tells their secrets apart; never a secret. */
export async function listClients({ json }: Answering): Promise<void> {
  await using opened = await openContext();
  const { oauthClients } = opened.context.services;
  const answer = [];
  for (let after: string | undefined, more = true; more; ) {
    const { rows, hasNextPage } = await oauthClients.list({ size: pageSize, ...(after !== undefined && { after }) });
    const secrets = await oauthClients.secretsOf(rows.map(({ id }) => id));
    answer.push(
      ...rows.map(({ id, clientId, name, type, restriction }) => ({
        clientId,
        name,
        type,
        restriction: restriction?.mode ?? null,
        secrets: secrets
          .filter(({ oauthClientId }) => oauthClientId === id)
          .map((secret) => ({
            id: secret.id,
            hint: secret.hint,
            expiresAt: secret.expiresAt,
            lastUsedAt: secret.lastUsedAt,
          })),
      })),
    );
    after = rows.at(-1)?.id;
    more = hasNextPage;
  }
  printAnswer(
    json,
    { clients: answer },
    answer.flatMap(({ clientId, name, type, restriction, secrets }) => [
      `${clientId}  ${name}  ${type}${restriction ? `  ${restriction}` : ''}`,
      ...secrets.map(
        ({ id, hint, expiresAt }) => `  secret ${id}  …${hint}${expiresAt ? `  until ${expiresAt.toISOString()}` : ''}`,
      ),
    ]),
  );
}

/** `portico rotate-client-secret` */
export async function rotateClientSecret(
  clientId: string,
  { overlap, json }: Answering & { overlap: number },
): Promise<void> {
  await withClients(async (clients) => {
    const { secret } = await clients.rotateSecret(clientId, systemActor, { overlapSeconds: overlap });
    printAnswer(json, { clientId, clientSecret: secret }, [
      `client id      ${clientId}`,
      `client secret  ${secret}`,
      `The secret is shown this once. The others end ${overlap === 0 ? 'now' : `in ${overlap} seconds`}.`,
    ]);
  });
}

/** `portico revoke-client-secret` */
export async function revokeClientSecret(clientId: string, secretId: string, { json }: Answering): Promise<void> {
  await withClients(async (clients) => {
    await clients.revokeSecret(clientId, secretId, systemActor);
    printAnswer(json, { clientId, secretId, revoked: true }, [`The secret ${secretId} of ${clientId} has ended.`]);
  });
}

export interface RestrictClientOptions extends Answering {
  mode: 'sso-only' | 'scoped-jwt';
  organization: string[];
  provider: string[];
  scope: string;
}

const modes: Record<RestrictClientOptions['mode'], RestrictionMode> = {
  'sso-only': 'SSO_ONLY',
  'scoped-jwt': 'SCOPED_JWT',
};

/** `portico restrict-client` */
export async function restrictClient(clientId: string, options: RestrictClientOptions): Promise<void> {
  await withClients(async (clients) => {
    const { restriction } = await clients.restrict(
      clientId,
      {
        mode: modes[options.mode],
        organizations: options.organization,
        providers: options.provider,
        scopes: options.scope.split(/[\s,]+/).filter(Boolean),
      },
      systemActor,
    );
    printAnswer(options.json, { clientId, restriction }, [
      `${clientId} has restricted tokens only. Those it had have ended.`,
    ]);
  });
}

/** `portico unrestrict-client` */
export async function unrestrictClient(clientId: string, { json }: Answering): Promise<void> {
  await withClients(async (clients) => {
    await clients.unrestrict(clientId, systemActor);
    printAnswer(json, { clientId, restriction: null }, [`${clientId} has ordinary tokens.`]);
  });
}

/** `portico revoke-client-tokens` */
export async function revokeClientTokens(clientId: string, { json }: Answering): Promise<void> {
  await withClients(async (clients) => {
    const { revoked } = await clients.revokeTokens(clientId, systemActor);
    printAnswer(json, { clientId, revoked }, [`${revoked} codes and tokens of ${clientId} have ended.`]);
  });
}

/** `portico delete-client` */
export async function deleteClient(clientId: string, { json }: Answering): Promise<void> {
  await withClients(async (clients) => {
    await clients.remove(clientId, systemActor);
    printAnswer(json, { clientId, deleted: true }, [`${clientId} is gone.`]);
  });
}

async function withClients(act: (clients: OAuthClientService) => Promise<void>): Promise<void> {
  await using opened = await openContext();
  await act(opened.context.services.oauthClients);
}
