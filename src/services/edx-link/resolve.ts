import { type EntityManager, raw } from '@mikro-orm/postgresql';
import { type EdxLink, EdxLinkEntity } from '../../entities/edx-link.entity.js';
import { ConflictError, ForbiddenError, InvalidInputError } from '../../errors.js';
import type { Actor } from '../actor.js';
import { forgetApiToken } from '../edx-api-token/forget.js';
import { resumeLink } from './plan.js';
import { type LinkRemedy, remedyOf } from './remedy.js';
import { lockLink, moveLink } from './transition.js';

export interface Resolution {
  action: LinkRemedy;
  actor: Actor;
  /** Whether the actor may decide about the LMS users of others. */
  isSupport: boolean;
  now: Date;
}

/** What is done elsewhere, by whoever may change the account; the link then follows by itself. */
const elsewhere = new Map<LinkRemedy, string>([
  ['CHANGE_EMAIL', 'Change the e-mail address of the account: the LMS account is then asked for again by itself.'],
  ['CORRECT_PROFILE', 'Correct the profile of the account: the LMS account is then asked for again by itself.'],
]);
/** What decides about an LMS user who may be somebody else's. */
const forSupport: ReadonlySet<LinkRemedy> = new Set(['RELEASE_OTHER', 'START_ANEW']);

/**
 * Does what is offered about a link in CONFLICT or REJECTED, and has the link be tried again.
 *
 * @param link - locked by the transaction of `em`
 * @throws {@link ConflictError} when the link needs no decision
 * @throws {@link InvalidInputError} `NOT_OFFERED` for another action than the one that is offered, `DONE_ELSEWHERE` for one that is
 * a change of the account
 * @throws {@link ForbiddenError} when only support may do it
 */
export async function resolveLink(em: EntityManager, link: EdxLink, resolution: Resolution): Promise<void> {
  const { action, actor, isSupport, now } = resolution;
  const offered = remedyOf(link);
  if (!offered) throw new ConflictError('There is nothing to resolve: the edX link needs no decision.');
  const refuse = (message: string, reason: string) => new InvalidInputError(message, { field: ['action'], reason });
  if (action !== offered) throw refuse(`What is offered here is ${offered}.`, 'NOT_OFFERED');
  const advice = elsewhere.get(action);
  if (advice) throw refuse(advice, 'DONE_ELSEWHERE');
  if (forSupport.has(action) && !isSupport) throw new ForbiddenError('Only support may decide whose LMS user it is.');
  if (action === 'RELEASE_OTHER') await releaseOther(em, link, resolution);
  if (action === 'START_ANEW') {
    await forgetApiToken(em, link);
    link.edxUsername = null;
    link.edxUserId = null;
  }
  link.adoptionGranted = action === 'ADOPT';
  if (action !== 'ADOPT') link.contestedUsername = null;
  await resumeLink(em, link, { actor, cause: causes[action] ?? 'asked-for', now });
}

const causes: Partial<Record<LinkRemedy, string>> = {
  ADOPT: 'adoption-asked-for',
  RELEASE_OTHER: 'other-released',
  START_ANEW: 'started-anew',
};

/** Takes the contested LMS user from the account here that holds them. */
async function releaseOther(em: EntityManager, link: EdxLink, { actor, now }: Resolution): Promise<void> {
  if (link.contestedUsername == null) return;
  const holder = await em.findOne(EdxLinkEntity, {
    [raw('lower(edx_username)')]: link.contestedUsername.toLowerCase(),
  });
  if (!holder || holder.id === link.id) return;
  const other = await lockLink(em, holder.accountId);
  if (other) await unlink(em, other, { actor, cause: 'released', now, detail: { to: link.accountId } });
}

/**
 * Lets go of the LMS user of a link: nothing happens to it until somebody asks again. The user stays in the LMS, and tied there.
 *
 * @param link - locked by the transaction of `em`
 */
export async function unlink(
  em: EntityManager,
  link: EdxLink,
  { actor, cause, now, detail }: { actor: Actor; cause: string; now: Date; detail?: Record<string, unknown> },
): Promise<void> {
  if (link.state === 'NOT_LINKED') return;
  await forgetApiToken(em, link);
  const before = { edxUsername: link.edxUsername };
  Object.assign(link, {
    edxUsername: null,
    edxUserId: null,
    remoteId: null,
    linkedAt: null,
    lastError: null,
    attempts: 0,
    nextAttemptAt: null,
    contestedUsername: null,
    adoptionGranted: false,
  });
  await moveLink(em, link, 'NOT_LINKED', { actor, cause, detail: { ...before, ...detail } }, now);
}
