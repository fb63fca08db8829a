import type { EntityManager } from '@mikro-orm/postgresql';
import { publishChange } from '../../changes/publish-change.js';
import type { Account } from '../../entities/account.entity.js';
import { EmailChangeEntity } from '../../entities/email-change.entity.js';
import type { BlockedEmails } from '../account/blocked-emails.js';
import type { Actor } from '../actor.js';
import type { AuditService } from '../audit/audit.service.js';
import type { EdxLinkPlanner } from '../edx-link/planner.js';
import { enqueuePush } from '../edx-push/plan.js';
import { wordsForAccount } from '../mail/language.js';
import type { MailSite } from '../mail/layout.js';
import type { MailService } from '../mail/mail.service.js';
import { claimInvitations } from '../partner-grant/claim-invitations.js';
import { changedAddressMail } from './mails.js';

export interface ReplaceEmailDeps {
  audit: Pick<AuditService, 'record'>;
  edxLinks: Pick<EdxLinkPlanner, 'reconsider'>;
  blockedEmails: Pick<BlockedEmails, 'require'>;
  mail: Pick<MailService, 'send'>;
  site: MailSite;
}

const noticeLifeMs = 7 * 24 * 3_600_000;

/**
 * Gives a locked account its new address: the old one is told, the LMS follows by a job. Run the transaction inside
 * `withTypedConflicts`.
 *
 * @param isVerified - whether the person has shown that they read mail there
 * @throws InvalidInputError `EMAIL_BLOCKED`
 */
export async function replaceEmail(
  tx: EntityManager,
  account: Account,
  { email, isVerified, now }: { email: string; isVerified: boolean; now: Date },
  actor: Actor,
  { audit, edxLinks, blockedEmails, mail, site }: ReplaceEmailDeps,
): Promise<void> {
  const { id: accountId, email: oldEmail, name } = account;
  Object.assign(account, { email, emailVerifiedAt: isVerified ? now : null });
  await tx.flush();
  await blockedEmails.require(tx, email);
  await tx.nativeDelete(EmailChangeEntity, { accountId });
  if (isVerified) await claimInvitations(tx, [accountId], { audit });
  await publishChange(tx, { topic: 'account', accountId });
  await enqueuePush(tx, accountId, 'email');
  await edxLinks.reconsider(tx, accountId, actor);
  await audit.record({ action: 'account.email-changed', outcome: 'success', actor, subjectId: accountId }, tx);
  const expiresAt = new Date(now.getTime() + noticeLifeMs);
  await mail.send(
    tx,
    changedAddressMail({ site, words: wordsForAccount(site, account), to: oldEmail, name, newEmail: email, expiresAt }),
  );
}
