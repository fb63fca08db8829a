import { Field, ID, InputType } from 'type-graphql';
import type { AuditFilter as StoredFilter } from '../../services/audit/audit.service.js';
import { readGlobalId } from '../global-id.js';

@InputType('AuditFilter', { description: 'Which acts: all that is given must hold.' })
export class AuditFilter {
  @Field(() => [String], { nullable: true, description: 'What was done, any of these, e.g. `sign-in`.' })
  actions?: string[] | null;

  @Field(() => String, { nullable: true, description: 'How it ended, e.g. `success` or `refused`.' })
  outcome?: string | null;

  @Field(() => ID, { nullable: true, description: 'Account that did it.' })
  actorId?: string | null;

  @Field(() => ID, { nullable: true, description: 'Account that it concerns.' })
  subjectId?: string | null;

  @Field(() => String, { nullable: true, description: 'The `client_id` of the OAuth client that was used.' })
  clientId?: string | null;

  @Field(() => Date, { nullable: true, description: 'Happened then or later.' })
  since?: Date | null;

  @Field(() => Date, { nullable: true, description: 'Happened before then.' })
  until?: Date | null;
}

/** @throws InvalidInputError when an id is that of something else than an account */
export function readAuditFilter(filter: AuditFilter | null): StoredFilter {
  const { actions, outcome, actorId, subjectId, clientId, since, until } = filter ?? {};
  return {
    actions: actions ?? undefined,
    outcome: outcome ?? undefined,
    actorId: actorId == null ? undefined : readGlobalId('Account', actorId, 'filter.actorId'),
    subjectId: subjectId == null ? undefined : readGlobalId('Account', subjectId, 'filter.subjectId'),
    clientId: clientId ?? undefined,
    since: since ?? undefined,
    until: until ?? undefined,
  };
}
