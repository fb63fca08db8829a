import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { EdxLink } from '../../entities/edx-link.entity.js';
import { Access } from '../access/access.decorator.js';
import { ownerByInput, requireAccountId } from '../account/account-argument.js';
import type { GraphContext } from '../context.js';
import { withUserErrors } from '../user-error.type.js';
import { EdxLinkType, toEdxLink } from './edx-link.type.js';
import {
  PushProfileToEdxInput,
  PushProfileToEdxPayload,
  RefreshEdxApiTokenInput,
  RefreshEdxApiTokenPayload,
  ResolveEdxConflictInput,
  ResolveEdxConflictPayload,
  UnlinkEdxAccountInput,
  UnlinkEdxAccountPayload,
} from './edx-link-care.input.js';

/** What is done about links that need somebody: each answers at once, the LMS follows by jobs. */
@Resolver(() => EdxLinkType)
export class EdxLinkCareResolver {
  @Access({ scope: 'accounts:write', role: 'SUPPORT', own: true, ownScope: 'learning:write', owner: ownerByInput })
  @Mutation(() => ResolveEdxConflictPayload, {
    description:
      'Does the one thing that a link in CONFLICT or REJECTED offers, and has it be tried again. Safe to repeat.',
  })
  resolveEdxConflict(
    @Arg('input', () => ResolveEdxConflictInput, { description: 'Whose link, and what.' })
    input: ResolveEdxConflictInput,
    @Ctx() { viewer, services, actor }: GraphContext,
  ): Promise<ResolveEdxConflictPayload> {
    const accountId = requireAccountId(input.accountId, viewer);
    const options = { isSupport: viewer.roles.has('SUPPORT'), idempotencyKey: input.idempotencyKey ?? undefined };
    return answer(() => services.edxLinks.resolve(accountId, input.action, actor, options));
  }

  @Access({ scope: 'accounts:write', role: 'SUPPORT' })
  @Mutation(() => UnlinkEdxAccountPayload, {
    description:
      'Lets go of the LMS user of an account, who stays in the LMS: nothing happens until an LMS account is asked for again. Safe to repeat.',
  })
  unlinkEdxAccount(
    @Arg('input', () => UnlinkEdxAccountInput, { description: 'Whose link.' }) input: UnlinkEdxAccountInput,
    @Ctx() { viewer, services, actor }: GraphContext,
  ): Promise<UnlinkEdxAccountPayload> {
    const accountId = requireAccountId(input.accountId, viewer);
    const options = { idempotencyKey: input.idempotencyKey ?? undefined };
    return answer(() => services.edxLinks.unlink(accountId, actor, options));
  }

  @Access({ scope: 'accounts:write', role: 'SUPPORT', own: true, ownScope: 'learning:write', owner: ownerByInput })
  @Mutation(() => RefreshEdxApiTokenPayload, {
    description: 'Has a new API token be obtained for a learner, however good the old one is. Safe to repeat.',
  })
  refreshEdxApiToken(
    @Arg('input', () => RefreshEdxApiTokenInput, { description: 'Whose token.' }) input: RefreshEdxApiTokenInput,
    @Ctx() { viewer, services }: GraphContext,
  ): Promise<RefreshEdxApiTokenPayload> {
    const accountId = requireAccountId(input.accountId, viewer);
    return answer(() => services.edxApiTokens.requestRefresh(accountId));
  }

  @Access({ scope: 'accounts:write', role: 'SUPPORT', own: true, ownScope: 'learning:write', owner: ownerByInput })
  @Mutation(() => PushProfileToEdxPayload, {
    description: 'Has name, profile and e-mail address be brought to the LMS again. Safe to repeat.',
  })
  pushProfileToEdx(
    @Arg('input', () => PushProfileToEdxInput, { description: 'Whose profile.' }) input: PushProfileToEdxInput,
    @Ctx() { viewer, services }: GraphContext,
  ): Promise<PushProfileToEdxPayload> {
    const accountId = requireAccountId(input.accountId, viewer);
    return answer(() => services.edxLinks.requestPush(accountId));
  }
}

function answer(act: () => Promise<EdxLink>) {
  return withUserErrors<{ edxLink: EdxLinkType | null }>({ edxLink: null }, async () => ({
    edxLink: toEdxLink(await act()),
  }));
}
