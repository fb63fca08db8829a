import type { IncomingMessage } from 'node:http';
import type Provider from 'oidc-provider';
import type { Client } from 'oidc-provider';
import type { ClientRegistry } from '../client/registry.js';
import type { Form } from './form.js';

/** Parameters that a client proves itself with. */
export const clientParameters = ['client_id', 'client_secret'] as const;

/** Headers that make a request more than a plain one. */
const unusualHeaders = ['origin', 'dpop', 'oauth-client-attestation', 'oauth-client-attestation-pop'] as const;

/** Whether a request has a header that asks for more than the plain answer. */
export function isUnusual({ headers }: IncomingMessage): boolean {
  return unusualHeaders.some((name) => headers[name] !== undefined);
}

/** Of Basic authentication, without anything that is escaped in it (RFC 6749 2.3.1). */
const plainCredentials = /^([\w.~-]+):([\w.~-]+)$/;

/**
 * Authenticates a client by its secret, sent in either way.
 *
 * @returns `undefined` for whoever is not sure to be let in; refusing, and counting refusals, is for the provider
 */
export type AuthenticateClient = (req: IncomingMessage, form: Form) => Promise<Client | undefined>;

export function createAuthenticateClient(
  currentProvider: () => Provider,
  clients: Pick<ClientRegistry, 'isSecretOf'>,
): AuthenticateClient {
  return async (req, form) => {
    if (isUnusual(req)) return undefined;
    const given = credentialsIn(req.headers.authorization, form);
    const client = given && (await currentProvider().Client.find(given.clientId));
    const method = client?.clientAuthMethod;
    if (method !== 'client_secret_basic' && method !== 'client_secret_post') return undefined;
    if (client?.clientSecretExpiresAt) return undefined;
    return (await clients.isSecretOf(given?.clientId ?? '', given?.secret ?? '')) ? client : undefined;
  };
}

function credentialsIn(
  authorization: string | undefined,
  { client_id: clientId, client_secret: secret }: Form,
): { clientId: string; secret: string } | undefined {
  if (authorization === undefined) return clientId && secret ? { clientId, secret } : undefined;
  const [, encoded] = /^basic ([A-Za-z0-9+/]+={0,2})$/i.exec(authorization) ?? [];
  const [, named, given] = plainCredentials.exec(Buffer.from(encoded ?? '', 'base64').toString('latin1')) ?? [];
  if (!named || !given || secret !== undefined || (clientId ?? named) !== named) return undefined;
  return { clientId: named, secret: given };
}
