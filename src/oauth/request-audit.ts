import type { KoaContextWithOIDC } from 'oidc-provider';
import type { AuditRecord, AuditService } from '../services/audit/audit.service.js';
import type { Middleware } from './middleware.js';
import { addressOf } from './session/visitor.js';
import type { ArtifactStore } from './storage/artifact-store.js';
import { takeIssued } from './storage/issuance.js';

/** Notes an act of one request, see {@link keepAudit}. */
export type NoteAct = (ctx: KoaContextWithOIDC, record: Omit<AuditRecord, 'actor'>) => void;

/** Where a request keeps its acts. */
const notedActs = 'notedActs';
const throttledActs = 'throttledActs';

export const noteAct: NoteAct = (ctx, record) => {
  ctx.state[notedActs] ??= [];
  ctx.state[notedActs].push({ ...record, actor: actorOf(ctx) });
};

/**
 * Has what a request came to kept as `throttled`, instead of its refusal; to be called for the first one that a throttle turns
 * away. The others are counted by the throttle only, or whoever guesses would fill the record.
 */
export function noteThrottling(ctx: KoaContextWithOIDC): void {
  const acts: AuditRecord[] = ctx.state[notedActs] ?? [];
  ctx.state[throttledActs] = acts.map((act) => ({ ...act, outcome: 'throttled' }));
}

/** Answers only when the acts of the request are recorded, and with them what it was given. */
export function keepAudit(audit: AuditService, artifacts: Pick<ArtifactStore, 'issue'>): Middleware {
  return async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      takeIssued(ctx);
      throw error;
    }
    const acts: AuditRecord[] = ctx.state[ctx.status === 429 ? throttledActs : notedActs] ?? [];
    const issued = takeIssued(ctx);
    if (issued.length === 0) {
      await Promise.all(acts.map((act) => audit.record(act)));
      return;
    }
    await artifacts.issue(issued, acts.map(audit.draft));
    audit.noteStored();
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
