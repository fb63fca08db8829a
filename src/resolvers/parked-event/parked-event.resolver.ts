import { Arg, Args, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import { InvalidInputError } from '../../errors.js';
import { Access } from '../access/access.decorator.js';
import type { GraphContext } from '../context.js';
import { readGlobalId, toGlobalId } from '../global-id.js';
import { toConnection } from '../page/connection.type.js';
import { PageArgs } from '../page/page.args.js';
import { readPage } from '../page/read-page.js';
import { withUserErrors } from '../user-error.type.js';
import {
  ParkedEventConnection,
  parkedEventAccess,
  ReplayParkedEventsInput,
  ReplayParkedEventsPayload,
  toParkedEvent,
} from './parked-event.type.js';

const mostAtOnce = 100;

@Resolver()
export class ParkedEventResolver {
  @Access(parkedEventAccess)
  @Query(() => ParkedEventConnection, {
    description: 'Messages of the event bus that could not be taken and wait for somebody, oldest first.',
  })
  async parkedEvents(@Args(() => PageArgs) page: PageArgs, @Ctx() { services }: GraphContext) {
    return toConnection(await services.parkedEvents.list(readPage(page)), toParkedEvent);
  }

  @Access(parkedEventAccess)
  @Mutation(() => ReplayParkedEventsPayload, {
    description: 'Takes parked messages once more, after what was wrong is mended. Safe to repeat.',
  })
  replayParkedEvents(
    @Arg('input', () => ReplayParkedEventsInput, { description: 'Which ones.' }) { ids }: ReplayParkedEventsInput,
    @Ctx() { services, actor }: GraphContext,
  ): Promise<ReplayParkedEventsPayload> {
    const nothing: Omit<ReplayParkedEventsPayload, 'userErrors'> = { replayed: [] };
    return withUserErrors(nothing, async () => {
      if (ids.length > mostAtOnce) throw new InvalidInputError(`Name at most ${mostAtOnce}.`, { field: ['ids'] });
      const rowIds = ids.map((id) => readGlobalId('ParkedEvent', id, 'ids'));
      const replayed = await services.parkedEvents.replay(rowIds, actor);
      return { replayed: replayed.map((id) => toGlobalId('ParkedEvent', id)) };
    });
  }
}
