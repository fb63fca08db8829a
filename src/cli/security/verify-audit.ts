import { pino } from 'pino';
import { createAuthenticator } from '../../crypto/authenticator.js';
import { findPendingMigrations } from '../../entities/migrate.js';
import { createOrm } from '../../entities/orm.js';
import { InvalidInputError } from '../../errors.js';
import { createLogger } from '../../logger.js';
import { auditPurpose, type ChainPlace } from '../../services/audit/chain/link.js';
import { type ChainFault, type ChainReport, verifyAuditChain } from '../../services/audit/chain/verify.js';
import { migrateEmbedded } from '../embedded-migrations.js';
import { readEnvironment } from '../environment.js';
import { printAnswer } from '../output.js';
import { createProgress } from '../progress.js';
import { openDatabase, readProject } from '../project.js';

/** `portico verify-audit`: whether the audit is as it was written. Reads only; fails with the first event that is not. */
export async function verifyAudit({ json, head }: { json: boolean; head?: string }): Promise<void> {
  const notedHead = head === undefined ? undefined : parseHead(head);
  const project = await readProject(readEnvironment());
  await using stack = new AsyncDisposableStack();
  const { config } = stack.use(await openDatabase(project, createLogger('warn', pino.destination(2))));
  if (project.plan.hasEmbeddedDatabase) await migrateEmbedded(config, { onlyWhenPending: true });
  const orm = stack.adopt(createOrm({ ...config.database, poolSize: 2 }), (it) => it.close());
  const pending = await findPendingMigrations(orm);
  if (pending.length > 0) throw new Error(`The database lacks ${pending.join(', ')}. Run: portico migrate`);
  const progress = stack.use(createProgress('events verified'));
  const report = await verifyAuditChain({
    em: orm.em.fork(),
    authenticator: createAuthenticator(project.secrets.keys, auditPurpose),
    notedHead,
    onProgress: ({ verified, total }) => progress.report({ done: verified, total }),
  });
  printAnswer(json, { ...report, head: formatHead(report.head) }, linesOf(report));
  if (!report.isIntact) process.exitCode = 1;
}

function formatHead({ position, hash }: ChainPlace): string {
  return `${position}:${hash}`;
}

function parseHead(text: string): ChainPlace {
  const [, position, hash] = /^(\d{1,15}):([\w-]{0,64})$/.exec(text) ?? [];
  if (position === undefined || hash === undefined)
    throw new InvalidInputError('--head is not a head that verify-audit printed, <position>:<hash>.');
  return { position: Number(position), hash };
}

function linesOf(report: ChainReport): string[] {
  const { fault, verified, signedWithFormerKeys, withErasedAddress, unchained, unchainedSince } = report;
  return [
    fault ? `NOT INTACT: ${describeFault(fault)}` : `intact: ${verified} events`,
    ...(fault ? [`${verified} events before it are in order`] : []),
    `head ${formatHead(report.head)}`,
    ...(signedWithFormerKeys > 0
      ? [`${signedWithFormerKeys} of them were signed with a key that is no longer configured; their hashes are right`]
      : []),
    ...(withErasedAddress > 0
      ? [`${withErasedAddress} of them lost their network address with a retired account`]
      : []),
    ...(unchained > 0 ? [`${unchained} events are not in the chain yet, the oldest from ${unchainedSince}`] : []),
  ];
}

function describeFault({ kind, position, eventId }: ChainFault): string {
  const event = `event ${position}${eventId === null ? '' : ` (${eventId})`}`;
  switch (kind) {
    case 'missing':
      return `${event} was deleted`;
    case 'changed':
      return `${event} was changed`;
    case 'forged':
      return `${event} was not signed by this Portico`;
    case 'cut-off':
      return `${event} and those after it were deleted`;
    case 'extra':
      return `${event} does not belong to the chain`;
    case 'start':
    case 'head':
      return `the signed ${kind} of the chain (event ${position}) is gone, was changed, or its key is not configured`;
    case 'unlike-noted':
      return `${event} is not the head that was noted`;
  }
}
