import type { IncomingMessage } from 'node:http';
import type { Client } from 'oidc-provider';
import type { Events } from '../../events.js';
import type { AuditRecord, AuditService } from '../../services/audit/audit.service.js';
import type { ClientRegistry } from '../client/registry.js';
import { issuedAct } from '../event-listeners.js';
import type { Lifetimes } from '../lifetimes.js';
import { addressOf } from '../session/visitor.js';
import type { ArtifactStore } from '../storage/artifact-store.js';

/** What the short ways to tokens share. */
export interface PlainTokenDependencies {
  clients: Pick<ClientRegistry, 'find'>;
  artifacts: ArtifactStore;
  audit: AuditService;
  events: Events;
  lifetimes: Lifetimes;
}

/**
 * Whether a client may be given tokens by the short way: opaque ones, which are bound to nothing. Everything else is made of the
 * provider's answer, or by rules of its own.
 */
export async function takesPlainTokens(
  req: IncomingMessage,
  client: Client,
  clients: Pick<ClientRegistry, 'find'>,
): Promise<boolean> {
  if (req.headers['x-token-type'] !== undefined || client.dpopBoundAccessTokens) return false;
  if (client.subjectType !== 'public') return false;
  const row = await clients.find(client.clientId);
  return row !== undefined && !row.restriction && row.tokenFormat !== 'JWT';
}

/** The record that tokens were given, by the short way as by any other. */
export function plainTokenAct(
  req: IncomingMessage,
  client: Client,
  given: { grantType: string; scope: string; accountId?: string },
): AuditRecord {
  return { ...issuedAct(given), actor: { accountId: null, clientId: client.clientId, address: addressOf(req) } };
}

/** In seconds since the epoch, by the clock that the provider judges tokens by. */
export function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
