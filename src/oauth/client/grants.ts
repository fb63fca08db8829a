import type { ClientGrants } from '../../access/client-grants.js';
import type { AuditService } from '../../services/audit/audit.service.js';
import type { Consents } from '../interaction/consented-grants.js';
import type { ArtifactStore } from '../storage/artifact-store.js';
import type { ClientRegistry } from './registry.js';

/** What a person allowed to clients, to be seen and taken back on their account page. */
export function createClientGrants({
  consents,
  clients,
  artifacts,
  audit,
}: {
  consents: Consents;
  clients: ClientRegistry;
  artifacts: ArtifactStore;
  audit: AuditService;
}): ClientGrants {
  return {
    async list(accountId) {
      const rows = await consents.listOf(accountId);
      const names = await clients.namesOf(rows.map(({ clientId }) => clientId));
      return rows.map(({ clientId, scopes, updatedAt }) => ({
        clientId,
        clientName: names.get(clientId) ?? clientId,
        scopes,
        grantedAt: updatedAt,
      }));
    },
    async allow(accountId, clientId, scopes, by) {
      await consents.allow(accountId, clientId, scopes);
      await audit.record({
        action: 'consent.given',
        outcome: 'success',
        actor: by,
        subjectId: accountId,
        detail: { clientId, scopes: [...scopes] },
      });
    },
    async revoke(accountId, clientId, by = { accountId, clientId }) {
      const hadConsent = await consents.takeBack(accountId, clientId);
      const hadTokens = await artifacts.revokeOfClient(accountId, clientId);
      if (!hadConsent && !hadTokens) return false;
      await audit.record({
        action: 'consent.revoked',
        outcome: 'success',
        actor: by,
        subjectId: accountId,
        detail: { clientId },
      });
      return true;
    },
  };
}
