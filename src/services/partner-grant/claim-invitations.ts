import type { EntityManager } from '@mikro-orm/postgresql';
import { publishChanges } from '../../changes/publish-change.js';
import { systemActor } from '../actor.js';
import type { AuditService } from '../audit/audit.service.js';

/** Makes whoever invites an address and whoever gives it to an account wait for each other. */
export const invitationLock = (email: string) => `partner-invitation:${email.toLowerCase()}`;

interface ClaimedRow {
  accountId: string;
  role: string;
  target: string;
}

/**
 * Gives accounts what their e-mail addresses were invited to. An address counts when its owner has shown that they read mail
 * there; call it in the transaction that makes it so.
 *
 * @param accountIds - those whose address is new, or newly confirmed
 */
export async function claimInvitations(
  tx: EntityManager,
  accountIds: readonly string[],
  { audit }: { audit: Pick<AuditService, 'record'> },
): Promise<void> {
  if (accountIds.length === 0) return;
  const accounts = `select id, lower(email) as email from account
    where id = any(?::uuid[]) and email_verified_at is not null and status <> 'RETIRED'`;
  const ids = `{${accountIds.join(',')}}`;
  await tx.execute(
    `select pg_advisory_xact_lock(hashtextextended('partner-invitation:' || email, 0))
     from (${accounts} order by 2) as claimant`,
    [ids],
  );
  const claimed = await tx.execute<ClaimedRow[]>(
    `update partner_grant invited set account_id = claimant.id, email = null, updated_at = now()
     from (${accounts}) as claimant
     where lower(invited.email) = claimant.email and not exists (
       select 1 from partner_grant held where held.account_id = claimant.id and held.role = invited.role
         and coalesce(held.organization_id, held.program_id) = coalesce(invited.organization_id, invited.program_id))
     returning claimant.id as "accountId", invited.role, coalesce(invited.organization_id, invited.program_id) as target`,
    [ids],
  );
  await tx.execute(
    `delete from partner_grant using (${accounts}) as claimant where lower(partner_grant.email) = claimant.email`,
    [ids],
  );
  if (claimed.length === 0) return;
  const partnerIds = [...new Set(claimed.map(({ accountId }) => accountId))];
  await tx.execute(
    `update account set roles = array_append(roles, 'PARTNER') where id = any(?::uuid[]) and not 'PARTNER' = any(roles)`,
    [`{${partnerIds.join(',')}}`],
  );
  await publishChanges(
    tx,
    partnerIds.map((accountId) => ({ topic: 'account' as const, accountId })),
  );
  for (const { accountId, role, target } of claimed)
    await audit.record(
      {
        action: 'partner.granted',
        outcome: 'success',
        actor: systemActor,
        subjectId: accountId,
        detail: { role, target, via: 'invitation' },
      },
      tx,
    );
}
