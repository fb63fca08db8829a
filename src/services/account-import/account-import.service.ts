import { type EntityManager, type MikroORM, UniqueConstraintViolationException } from '@mikro-orm/postgresql';
import type { Clock } from '../../clock.js';
import { type Account, AccountEntity } from '../../entities/account.entity.js';
import { EdxLinkEntity, EdxLinkEventEntity } from '../../entities/edx-link.entity.js';
import { InvalidInputError } from '../../errors.js';
import { type BlockedEmails, emailBlocked } from '../account/blocked-emails.js';
import { systemActor } from '../actor.js';
import type { AuditService } from '../audit/audit.service.js';
import { enqueueLearnUserIds } from '../edx-link/lms-user-ids.js';
import { claimInvitations } from '../partner-grant/claim-invitations.js';
import { createRivals, type Rival } from './rivals.js';
import { type ImportedAccount, type ImportRecord, parseImportRecord } from './row.js';

/** What became of one line. */
export interface ImportedRow {
  /** Line of the file, the header being 1. */
  number: number;
  /** The username here, or what the line says of itself. */
  key: string;
  outcome: 'created' | 'unchanged' | 'failed';
  /** Of a failure: a stable word. */
  code?: string;
  /** Of a failure: for people. */
  reason?: string;
}

export interface ImportCounts {
  created: number;
  unchanged: number;
  failed: number;
}

/** Takes accounts over from another deployment: who they are, their passwords, and their ties to the LMS. */
export interface AccountImportService {
  /**
   * Every line by itself: what is wrong with one stops no other. An account that is there already stays as it is, so that an
   * import may be broken off and run again.
   *
   * @param lines - numbered from 2, the line after the header
   * @param options.onRow - called for each line, in order
   * @param options.isDryRun - checks everything, changes nothing
   */
  run(
    lines: AsyncIterable<{ number: number; record: ImportRecord }>,
    options: { isDryRun?: boolean; onRow?: (row: ImportedRow) => void; signal?: AbortSignal },
  ): Promise<ImportCounts>;
}

interface Line {
  number: number;
  account: ImportedAccount;
}

const batchSize = 200;

export function createAccountImportService({
  orm,
  clock,
  audit,
  blockedEmails,
  providerId,
}: {
  orm: MikroORM;
  clock: Clock;
  audit: Pick<AuditService, 'record'>;
  blockedEmails: Pick<BlockedEmails, 'findBlocked'>;
  /** The LMS's id of Portico as provider. */
  providerId: string;
}): AccountImportService {
  /** All of a batch or nothing of it. */
  const insert = (accounts: readonly ImportedAccount[]) =>
    // Looked at in here: an address that is blocked meanwhile gets no account.
    orm.em.fork().transactional(async (tx) => {
      const now = clock();
      const rows = accounts.map((imported) => ({
        imported,
        account: tx.create(AccountEntity, fieldsOf(imported, now)),
      }));
      await tx.flush();
      const blocked = await blockedEmails.findBlocked(
        tx,
        accounts.map(({ email }) => email),
      );
      if (blocked.size > 0) throw new BlockedAddressError();
      const links = rows.map(({ imported, account }) => ({
        imported,
        link: tx.create(EdxLinkEntity, linkOf(imported, account, { providerId, now })),
      }));
      await tx.flush();
      for (const { link } of links)
        tx.create(EdxLinkEventEntity, {
          edxLinkId: link.id,
          at: now,
          from: null,
          to: link.state,
          actorId: null,
          cause: 'imported',
          detail: link.edxUsername == null ? null : { edxUsername: link.edxUsername },
        });
      await tx.flush();
      if (links.some(({ link }) => link.state === 'LINKED')) await enqueueLearnUserIds(tx, now);
      for (const { account } of rows)
        await audit.record(
          {
            action: 'account.created',
            outcome: 'success',
            actor: systemActor,
            subjectId: account.id,
            detail: { via: 'import' },
          },
          tx,
        );
      await claimInvitations(
        tx,
        rows.flatMap(({ account }) => (account.emailVerifiedAt ? [account.id] : [])),
        { audit },
      );
    });

  /** Somebody registered between our look and the insert: then each by itself, so that only rivals fail. */
  const insertEach = async (lines: readonly Line[]): Promise<ImportedRow[]> => {
    try {
      if (lines.length > 0) await insert(lines.map(({ account }) => account));
      return lines.map((line) => ({ ...named(line), outcome: 'created' }));
    } catch (error) {
      const isBlocked = error instanceof BlockedAddressError;
      if (!isBlocked && !(error instanceof UniqueConstraintViolationException)) throw error;
      const [only] = lines;
      if (only && lines.length === 1)
        return [failed(only, isBlocked ? blockedAddress : { code: 'TAKEN', reason: takenMeanwhile })];
      const rows: ImportedRow[] = [];
      for (const line of lines) rows.push(...(await insertEach([line])));
      return rows;
    }
  };

  const runBatch = async (
    batch: readonly { number: number; record: ImportRecord }[],
    rivalsOf: (em: EntityManager, accounts: readonly ImportedAccount[]) => Promise<(Rival | undefined)[]>,
    isDryRun: boolean,
  ): Promise<ImportedRow[]> => {
    const parsed = batch.map(({ number, record }) => parseLine(number, record, clock()));
    const lines = parsed.filter((line): line is Line => 'account' in line);
    const rivals = await rivalsOf(
      orm.em.fork(),
      lines.map(({ account }) => account),
    );
    const blocked = await blockedEmails.findBlocked(
      orm.em.fork(),
      lines.map(({ account }) => account.email),
    );
    const rivalOf = new Map(
      lines.map((line, index) => [
        line.number,
        rivals[index] ?? (blocked.has(line.account.email) ? blockedAddress : undefined),
      ]),
    );
    const isNew = ({ number }: Line) => rivalOf.get(number) === undefined;
    const created = isDryRun
      ? lines.filter(isNew).map((line): ImportedRow => ({ ...named(line), outcome: 'created' }))
      : await insertEach(lines.filter(isNew));
    const byNumber = new Map(created.map((row) => [row.number, row]));
    return parsed.map((line) => {
      if (!('account' in line)) return line;
      const rival = rivalOf.get(line.number);
      if (rival === 'itself') return { ...named(line), outcome: 'unchanged' };
      return rival ? failed(line, rival) : (byNumber.get(line.number) ?? { ...named(line), outcome: 'created' });
    });
  };

  return {
    async run(lines, { isDryRun = false, onRow = () => {}, signal }) {
      const counts: ImportCounts = { created: 0, unchanged: 0, failed: 0 };
      const rivalsOf = createRivals();
      const finish = async (batch: { number: number; record: ImportRecord }[]) => {
        for (const row of await runBatch(batch, rivalsOf, isDryRun)) {
          counts[row.outcome] += 1;
          onRow(row);
        }
      };
      let batch: { number: number; record: ImportRecord }[] = [];
      for await (const line of lines) {
        signal?.throwIfAborted();
        batch.push(line);
        if (batch.length < batchSize) continue;
        await finish(batch);
        batch = [];
      }
      await finish(batch);
      return counts;
    },
  };
}

/** An address of a batch must not be used. */
class BlockedAddressError extends Error {}

const blockedAddress = {
  code: emailBlocked,
  reason: 'Nobody may use this e-mail address any more: its account was blocked. Unblock that first.',
};

const takenMeanwhile =
  'Somebody took the username or the e-mail address while the import ran. Run it again to see who.';

function parseLine(number: number, record: ImportRecord, now: Date): Line | ImportedRow {
  try {
    return { number, account: parseImportRecord(record, now) };
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    const key = record.social_uid || record.username || record.email || '';
    const column = error.field.at(-1);
    const reason = column === undefined ? error.message : `${column}: ${error.message}`;
    return { number, key, outcome: 'failed', code: error.reason, reason };
  }
}

function named({ number, account }: Line): { number: number; key: string } {
  return { number, key: account.username };
}

function failed(line: Line, { code, reason }: { code: string; reason: string }): ImportedRow {
  return { ...named(line), outcome: 'failed', code, reason };
}

function fieldsOf(imported: ImportedAccount, now: Date) {
  const { username, email, name, passwordHash, profile, lastSignedInAt } = imported;
  return {
    username,
    email,
    name,
    passwordHash,
    passwordChangedAt: passwordHash === null ? null : now,
    emailVerifiedAt: imported.isEmailVerified ? now : null,
    status: imported.isActive ? ('ACTIVE' as const) : ('DEACTIVATED' as const),
    profile,
    locale: null,
    termsVersion: null,
    termsAgreedAt: null,
    lastSignedInAt,
    createdAt: imported.joinedAt ?? now,
  };
}

/** Whoever has an LMS account is tied to it at once; nobody else is given one before they, or an operator, ask for it. */
function linkOf(
  { edxUsername, username }: ImportedAccount,
  account: Account,
  { providerId, now }: { providerId: string; now: Date },
) {
  const base = { accountId: account.id, providerId };
  if (edxUsername === null) return { ...base, state: 'NOT_LINKED' as const };
  return { ...base, state: 'LINKED' as const, edxUsername, remoteId: username, linkedAt: now };
}
