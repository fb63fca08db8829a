import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import type { Clock } from '../../clock.js';
import type { Sealer } from '../../crypto/sealer.js';
import { AccountEntity } from '../../entities/account.entity.js';
import { type DataExport, DataExportEntity } from '../../entities/data-export.entity.js';
import { ConflictError, NotFoundError } from '../../errors.js';
import { enqueue } from '../../jobs/queue.js';
import { lockUntilCommit } from '../../locks/transaction-lock.js';
import type { Actor } from '../actor.js';
import type { AuditService } from '../audit/audit.service.js';
import { wordsForAccount } from '../mail/language.js';
import type { MailSite } from '../mail/layout.js';
import type { MailService } from '../mail/mail.service.js';
import { dataReadyMail } from './mails.js';
import { readParts, storeParts } from './sealed-parts.js';
import type { SectionDeps } from './sections.js';
import { writeCopy } from './write-copy.js';

/** The copy of a person's own data: asked for, assembled by a job, kept sealed for some days, given to nobody else. */
export interface DataExportService {
  /**
   * Asks for a copy; whoever calls has made sure that it is the person. While one is being assembled, asking again changes
   * nothing; a finished one is replaced.
   *
   * @throws {@link NotFoundError}; {@link ConflictError} when the account is not active
   */
  request(accountId: string, actor: Actor): Promise<DataExport>;
  /** The copy that is being assembled, or can be downloaded. */
  find(accountId: string): Promise<DataExport | undefined>;
  /** Body of the job. May be repeated. */
  assemble(accountId: string): Promise<void>;
  /** Has the copies assembled whose job was lost. */
  resume(): Promise<void>;
  /**
   * The text of a finished copy, in pieces.
   *
   * @throws {@link NotFoundError} when there is none (any more)
   */
  open(accountId: string, actor: Actor): Promise<{ sizeBytes: number; text: AsyncIterable<string> }>;
}

const dayMs = 24 * 3_600_000;

export function createDataExportService({
  orm,
  clock,
  sealer,
  audit,
  mail,
  lifeDays,
  publicUrl,
  site,
  ...sources
}: {
  orm: MikroORM;
  clock: Clock;
  sealer: Sealer;
  audit: Pick<AuditService, 'record'>;
  mail: Pick<MailService, 'send'>;
  lifeDays: number;
  publicUrl: string;
  site: MailSite;
} & Omit<SectionDeps, 'em'>): DataExportService {
  const find = async (accountId: string) => {
    const row = await orm.em.fork().findOne(DataExportEntity, { accountId });
    return row && (row.expiresAt == null || row.expiresAt > clock()) ? row : undefined;
  };

  return {
    find,
    request: (accountId, actor) =>
      orm.em.fork().transactional(async (tx) => {
        await lockUntilCommit(tx, exportKey(accountId));
        const account = await tx.findOne(AccountEntity, { id: accountId });
        if (!account) throw new NotFoundError('There is no such account.');
        if (account.status !== 'ACTIVE') throw new ConflictError('The account is not active.');
        const present = await tx.findOne(DataExportEntity, { accountId });
        if (present?.state === 'QUEUED') return present;
        if (present) await tx.remove(present).flush();
        const now = clock();
        const copy = tx.create(DataExportEntity, { accountId, state: 'QUEUED', createdAt: now, updatedAt: now });
        await tx.flush();
        await enqueueAssembly(tx, accountId);
        await audit.record({ action: 'account.export-requested', outcome: 'success', actor, subjectId: accountId }, tx);
        return copy;
      }),
    assemble: (accountId) =>
      orm.em.fork().transactional(async (tx) => {
        await lockUntilCommit(tx, exportKey(accountId));
        const account = await tx.findOne(AccountEntity, { id: accountId });
        const copy = await tx.findOne(DataExportEntity, { accountId });
        if (account?.status !== 'ACTIVE' || copy?.state !== 'QUEUED') return;
        const now = clock();
        const written = writeCopy({ ...sources, em: tx.fork() }, accountId, { siteName: site.name, publicUrl, now });
        const sizeBytes = await storeParts(tx, copy.id, written, sealer);
        const expiresAt = new Date(now.getTime() + lifeDays * dayMs);
        Object.assign(copy, { state: 'READY', readyAt: now, expiresAt, sizeBytes });
        await tx.flush();
        const { email: to, name } = account;
        await mail.send(
          tx,
          dataReadyMail({
            site,
            words: wordsForAccount(site, account),
            to,
            name,
            link: `${publicUrl}/account/data`,
            expiresAt,
          }),
        );
      }),
    resume: async () => {
      const rows = await orm.em.fork().execute<{ accountId: string }[]>(
        `select account_id as "accountId" from data_export
         where state = 'QUEUED' and not exists (
           select 1 from graphile_worker.jobs job
           where job.key = 'export:' || data_export.account_id and job.attempts < job.max_attempts)
         limit 100`,
      );
      for (const { accountId } of rows) await enqueueAssembly(orm.em.fork(), accountId);
    },
    open: async (accountId, actor) => {
      const copy = await find(accountId);
      if (copy?.state !== 'READY')
        throw new NotFoundError('There is no copy of your data to download. Ask for a new one.');
      await audit.record({ action: 'account.export-downloaded', outcome: 'success', actor, subjectId: accountId });
      return { sizeBytes: copy.sizeBytes ?? 0, text: readParts(orm.em, copy.id, sealer) };
    },
  };
}

function exportKey(accountId: string): string {
  return `export:${accountId}`;
}

function enqueueAssembly(em: EntityManager, accountId: string): Promise<void> {
  return enqueue(em, 'export-data', { accountId }, { key: exportKey(accountId), priority: 5 });
}
