import type { MikroORM } from '@mikro-orm/postgresql';
import { PasskeyEntity } from '../../entities/passkey.entity.js';
import { AuthenticatorEntity, RecoveryCodeEntity } from '../../entities/second-factor.entity.js';
import type { NamedFactor } from './mails.js';

/** A second factor as its owner, and who helps them, may see it. */
export interface SecondFactor extends NamedFactor {
  id: string;
  accountId: string;
  createdAt: Date;
  lastUsedAt: Date | null;
  /** A passkey that opens nothing any more, since there may be a copy of it. */
  isSuspended: boolean;
}

/** What there is of second factors, without any secret. */
export interface SecondFactorOverview {
  /** Apps first, then passkeys in the order in which they were added; of many accounts at once. */
  listOf(accountIds: readonly string[]): Promise<SecondFactor[]>;
  /** How many recovery codes are unused; accounts without any are left out. */
  codesLeftOf(accountIds: readonly string[]): Promise<{ accountId: string; count: number }[]>;
}

export function createSecondFactorOverview({ orm }: { orm: MikroORM }): SecondFactorOverview {
  return {
    listOf: async (accountIds) => {
      const accountId = { $in: [...accountIds] };
      const [apps, passkeys] = await Promise.all([
        orm.em.fork().find(AuthenticatorEntity, { accountId, confirmedAt: { $ne: null } }),
        orm.em.fork().find(PasskeyEntity, { accountId }, { orderBy: { id: 'asc' } }),
      ]);
      return [
        ...apps.map(
          (app): SecondFactor => ({
            id: app.id,
            accountId: app.accountId,
            kind: 'AUTHENTICATOR_APP',
            name: 'Authenticator app',
            createdAt: app.createdAt,
            lastUsedAt: app.lastUsedAt ?? null,
            isSuspended: false,
          }),
        ),
        ...passkeys.map(
          (passkey): SecondFactor => ({
            id: passkey.id,
            accountId: passkey.accountId,
            kind: 'PASSKEY',
            name: passkey.name,
            createdAt: passkey.createdAt,
            lastUsedAt: passkey.lastUsedAt ?? null,
            isSuspended: passkey.suspendedAt != null,
          }),
        ),
      ];
    },
    codesLeftOf: async (accountIds) => {
      const rows = await orm.em
        .fork()
        .find(RecoveryCodeEntity, { accountId: { $in: [...accountIds] }, usedAt: null }, { fields: ['accountId'] });
      return [...Map.groupBy(rows, (row) => row.accountId)].map(([accountId, codes]) => ({
        accountId,
        count: codes.length,
      }));
    },
  };
}
