import type { MikroORM } from '@mikro-orm/postgresql';
import type { Clock } from '../../clock.js';
import { OAuthConsentEntity } from '../../entities/oauth-consent.entity.js';
import { findPage, type Page, type PageRequest } from '../keyset.js';

/** What a client did in a time. */
export interface ClientUsage {
  clientId: string;
  tokensIssued: number;
  /** Requests of the client, or in its name, that were refused. */
  failures: number;
  /** When it was last given a token. */
  lastUsedAt: Date | null;
}

/** A request of a client, or in its name, that was refused. */
export interface ClientRefusal {
  clientId: string;
  at: Date;
  endpoint: string | null;
  /** OAuth error code, as it was answered. */
  error: string;
  /** What exactly was wrong, for whoever integrates the client. */
  reason: string | null;
  address: string | null;
}

/** What one person allowed to a client. */
export interface ClientConsent {
  id: string;
  accountId: string;
  clientId: string;
  scopes: string[];
  updatedAt: Date;
}

/** What is known of clients from the audit and from people's consent; nothing is counted for it while requests wait. */
export interface OAuthClientInsights {
  /** @param days - how far to look back; clients without any act are left out */
  usageOf(clientIds: readonly string[], days: number): Promise<ClientUsage[]>;
  /** The last refusals of each client, newest first. */
  refusalsOf(clientIds: readonly string[], last: number): Promise<ClientRefusal[]>;
  /** Who let a client in, oldest first. */
  consentsTo(clientId: string, page: PageRequest): Promise<Page<ClientConsent>>;
}

const dayMs = 86_400_000;

export function createOAuthClientInsights({ orm, clock }: { orm: MikroORM; clock: Clock }): OAuthClientInsights {
  const ask = <Row>(sql: string, values: unknown[]) => orm.em.fork().execute<Row[]>(sql, values);
  return {
    async usageOf(clientIds, days) {
      const rows = await ask<Omit<ClientUsage, 'lastUsedAt'> & { lastUsedMs: number | null }>(
        `select client_id as "clientId",
           count(*) filter (where action = 'token.issued' and outcome = 'success')::int as "tokensIssued",
           count(*) filter (where outcome <> 'success')::int as failures,
           extract(epoch from max(at) filter (where action = 'token.issued' and outcome = 'success'))::float8 * 1000
             as "lastUsedMs"
         from audit_event
         where client_id in (select jsonb_array_elements_text(?::jsonb)) and at >= ? group by client_id`,
        [JSON.stringify(clientIds), new Date(clock().getTime() - days * dayMs)],
      );
      return rows.map(({ lastUsedMs, ...usage }) => ({
        ...usage,
        lastUsedAt: lastUsedMs === null ? null : new Date(lastUsedMs),
      }));
    },
    async refusalsOf(clientIds, last) {
      const rows = await ask<Omit<ClientRefusal, 'at'> & { atMs: number }>(
        `select wanted.client_id as "clientId", act.*
         from (select jsonb_array_elements_text(?::jsonb) as client_id) wanted
         cross join lateral (
           select extract(epoch from at)::float8 * 1000 as "atMs", detail ->> 'endpoint' as endpoint,
             coalesce(detail ->> 'error', outcome) as error, detail ->> 'reason' as reason, address
           from audit_event where audit_event.client_id = wanted.client_id and outcome <> 'success'
           order by at desc, id desc limit ?) act`,
        [JSON.stringify(clientIds), last],
      );
      return rows.map(({ atMs, ...refusal }) => ({ ...refusal, at: new Date(atMs) }));
    },
    consentsTo: (clientId, page) => findPage(orm.em.fork(), OAuthConsentEntity, { clientId, revokedAt: null }, page),
  };
}
