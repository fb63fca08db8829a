import type { GrantType } from '../../entities/oauth-client.entity.js';
import { NotFoundError } from '../../errors.js';
import { systemActor } from '../../services/actor.js';
import { openContext } from '../command-context.js';
import { printAnswer } from '../output.js';

export interface CreateClientOptions {
  name: string;
  grant: ('authorization_code' | 'refresh_token' | 'client_credentials' | 'device_code' | 'token_exchange')[];
  owner?: string;
  scope: string;
  redirectUri: string[];
  public?: boolean;
  pairwise?: boolean;
  sectorIdentifierUri?: string;
  exchangeAudience?: string[];
  json: boolean;
}

const grantTypes: Record<CreateClientOptions['grant'][number], GrantType> = {
  authorization_code: 'AUTHORIZATION_CODE',
  refresh_token: 'REFRESH_TOKEN',
  client_credentials: 'CLIENT_CREDENTIALS',
  device_code: 'DEVICE_CODE',
  token_exchange: 'TOKEN_EXCHANGE',
};

/** `portico create-client`: an OAuth client and its secret, which is shown this once. */
export async function createClient(options: CreateClientOptions): Promise<void> {
  await using opened = await openContext();
  const { accounts, oauthClients } = opened.context.services;
  const owner = options.owner === undefined ? undefined : await accounts.findByUsername(options.owner);
  if (owner === null) throw new NotFoundError(`There is no account ${options.owner}.`);
  const { client, secret } = await oauthClients.create(
    {
      name: options.name,
      type: options.public ? 'PUBLIC' : 'CONFIDENTIAL',
      grantTypes: options.grant.map((grant) => grantTypes[grant]),
      redirectUris: options.redirectUri,
      scopes: options.scope.split(/[\s,]+/).filter(Boolean),
      ...(owner && { ownerId: owner.id }),
      ...(options.pairwise && { subjectType: 'PAIRWISE' }),
      ...(options.sectorIdentifierUri !== undefined && { sectorIdentifierUri: options.sectorIdentifierUri }),
      ...(options.exchangeAudience && { exchangeAudiences: options.exchangeAudience }),
    },
    systemActor,
  );
  const answer = { clientId: client.clientId, ...(secret !== undefined && { clientSecret: secret }) };
  printAnswer(options.json, answer, [
    `client id      ${client.clientId}`,
    ...(secret === undefined ? [] : [`client secret  ${secret}`, 'The secret is shown this once.']),
  ]);
}
