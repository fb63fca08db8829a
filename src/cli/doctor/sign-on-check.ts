import type { MikroORM } from '@mikro-orm/postgresql';
import type { Config } from '../../config/config.js';
import type { LmsClient } from '../../datasources/lms/lms-client.js';
import { OAuthClientEntity } from '../../entities/oauth-client.entity.js';
import { type Finding, find, UnexpectedAnswerError } from './finding.js';

/** Whether the LMS sends people who sign in to this Portico, as a client that it knows. */
export async function checkSignOn(
  lms: Pick<LmsClient, 'exchange'>,
  orm: MikroORM,
  { http: { publicUrl }, lms: { socialLoginPath, backend } }: Pick<Config, 'http' | 'lms'>,
): Promise<Finding[]> {
  let target: URL | undefined;
  const redirect = await find(
    'single sign-on',
    async () => {
      target = await askWhereTo(lms, socialLoginPath);
      if (target.origin !== publicUrl || !/^\/oauth2\/authorize\/?$/.test(target.pathname))
        throw new UnexpectedAnswerError(`the LMS sends people to ${target.origin}${target.pathname}`);
      return `the LMS sends people to ${target.origin}`;
    },
    `In the LMS's administration, under Third-party authentication, enable a provider configuration (OAuth) with backend and slug "${backend}" for the LMS's own site, and set its AUTHORIZATION_URL to ${publicUrl}/oauth2/authorize/.`,
  );
  if (!redirect.isWell || !target) return [redirect];
  const { searchParams } = target;
  const client = await find(
    "the LMS's client",
    () => findClient(orm, searchParams),
    "Create the LMS's OAuth client in Portico with the client id and the redirect URI that the LMS uses, or correct them in the LMS's provider configuration.",
  );
  return [redirect, client];
}

async function askWhereTo(lms: Pick<LmsClient, 'exchange'>, path: string): Promise<URL> {
  const { status, headers } = await lms.exchange(
    { method: 'GET', path, headers: { accept: 'text/html' }, isWrite: false },
    { purpose: 'request' },
  );
  const location = headers.location;
  if (status < 300 || status >= 400 || typeof location !== 'string' || !URL.canParse(location))
    throw new UnexpectedAnswerError(`${path} answered ${status}, not with a redirect to Portico`);
  return new URL(location);
}

async function findClient(orm: MikroORM, asked: URLSearchParams): Promise<string> {
  const clientId = asked.get('client_id') ?? '';
  const client = await orm.em.fork().findOne(OAuthClientEntity, { clientId });
  if (!client) throw new UnexpectedAnswerError(`the LMS calls itself ${clientId}, which is no client of Portico`);
  const uri = (asked.get('redirect_uri') ?? '').replace(/\?redirect_state=.*$/, '');
  if (!client.redirectUris.includes(uri))
    throw new UnexpectedAnswerError(`the LMS's redirect URI is ${uri}; Portico has ${client.redirectUris.join(', ')}`);
  return `${clientId} (${client.name}) with ${uri}`;
}
