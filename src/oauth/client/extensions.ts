import type Provider from 'oidc-provider';
import type { Client, ClientMetadata } from 'oidc-provider';
import type { ClientRegistry } from './registry.js';

/** Extends the provider's clients by what it leaves to its host. */
export function extendClients(provider: Provider, clients: ClientRegistry): void {
  const { prototype } = provider.Client;
  const findAnew = provider.Client.find.bind(provider.Client);
  // The provider would compare all that is known of a client, each time; the registry gives the same object until it changes.
  const built = new WeakMap<ClientMetadata, Client>();
  provider.Client.find = async (clientId) => {
    const metadata = await clients.metadataOf(clientId);
    const known = metadata && built.get(metadata);
    if (known) return known;
    const client = await findAnew(clientId);
    if (metadata && client) built.set(metadata, client);
    return client;
  };
  const isExactly = prototype.redirectUriAllowed;
  prototype.compareClientSecret = function compareClientSecret(this: Client, given: string) {
    return clients.isSecretOf(this.clientId, given);
  };
  // The LMS's client library appends its own state to the redirect URI. That one parameter is admitted for clients that are
  // marked so, and nothing else; the code stays bound to the whole URI.
  prototype.redirectUriAllowed = function redirectUriAllowed(this: Client, uri: string) {
    if (isExactly.call(this, uri)) return true;
    const match = this.allow_redirect_state === true && /^([^?#]+)\?redirect_state=[A-Za-z0-9]{1,64}$/.exec(uri);
    return match ? isExactly.call(this, match[1] ?? '') : false;
  };
}
