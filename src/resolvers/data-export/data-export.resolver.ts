import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { Access } from '../access/access.decorator.js';
import { AccountType } from '../account/account.type.js';
import { ownerByInput, requireAccountId } from '../account/account-argument.js';
import { type AccountPayload, accountPayload, answerAccount } from '../account/account-payload.type.js';
import { readAccount } from '../account/read-account.js';
import type { GraphContext } from '../context.js';
import { DataExportType, RequestDataExportInput, toDataExport } from './data-export.type.js';

const RequestDataExportPayload = accountPayload('requestDataExport');

/** Copies of people's own data. Nobody else gets one, whatever their role. */
@Resolver(() => AccountType)
export class DataExportResolver {
  @Access({ scope: 'accounts:read', own: true })
  @FieldResolver(() => DataExportType, {
    nullable: true,
    description: 'The copy of one’s own data that is being assembled, or can be downloaded.',
  })
  async dataExport(@Root() account: AccountType, @Ctx() { services }: GraphContext): Promise<DataExportType | null> {
    const row = await services.dataExports.find(account.ownerId);
    return row ? toDataExport(row) : null;
  }

  @Access({ scope: 'accounts:write', own: true, owner: ownerByInput })
  @Mutation(() => RequestDataExportPayload, {
    description: 'Has a copy of one’s own data assembled; a mail tells when it is ready. Safe to repeat.',
  })
  requestDataExport(
    @Arg('input', () => RequestDataExportInput, { description: 'Proof that it is oneself.' })
    { currentPassword, code }: RequestDataExportInput,
    @Ctx() { services, viewer, actor }: GraphContext,
  ): Promise<AccountPayload> {
    const accountId = requireAccountId(undefined, viewer);
    return answerAccount(async () => {
      if (!(await services.identityProof.isFresh(accountId, viewer.sessionUid))) {
        const proof = { password: currentPassword ?? '', code: code ?? '', address: actor.address ?? '' };
        await services.identityProof.require(accountId, proof);
      }
      await services.dataExports.request(accountId, actor);
      return readAccount({ services }, accountId);
    });
  }
}
