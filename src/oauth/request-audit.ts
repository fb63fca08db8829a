import type { KoaContextWithOIDC } from 'oidc-provider';
import type { AuditRecord, AuditService } from '../services/audit/audit.service.js';
import type { Middleware } from './middleware.js';
import { addressOf } from './visitor.js';

/** Notes an act of one request, see {@link keepAudit}. */
export type NoteAct = (ctx: KoaContextWithOIDC, record: Omit<AuditRecord, 'actor'>) => void;

/** Where a request keeps its acts. */
const notedActs = 'notedActs';

export const noteAct: NoteAct = (ctx, record) => {
  ctx.state[notedActs] ??= [];
  ctx.state[notedActs].push({ ...record, actor: actorOf(ctx) });
};

/** Answers only when the acts of the request are recorded. What was turned away by a throttle is counted there, not here. */
export function keepAudit(audit: AuditService): Middleware {
  return async (ctx, next) => {
    await next();
    const acts: AuditRecord[] = ctx.status === 429 ? [] : (ctx.state[notedActs] ?? []);
    await Promise.all(acts.map((act) => audit.record(act)));
  };
}

/** The client of a request, authenticated or only named. */
export function clientIdOf(ctx: KoaContextWithOIDC): string | undefined {
  const named = ctx.oidc.params?.client_id;
  return ctx.oidc.client?.clientId ?? (typeof named === 'string' ? named.slice(0, 100) : undefined);
}

/** Who stands behind a request to the provider. */
function actorOf(ctx: KoaContextWithOIDC): AuditRecord['actor'] {
  return {
    accountId: ctx.oidc.session?.accountId ?? null,
    clientId: clientIdOf(ctx) ?? null,
    address: addressOf(ctx.req),
  };
}
