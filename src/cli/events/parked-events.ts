import { systemActor } from '../../services/actor.js';
import { openContext } from '../command-context.js';
import { printAnswer } from '../output.js';

export interface ParkedEventsOptions {
  replay: string[];
  replayAll: boolean;
  json: boolean;
}

const pageSize = 500;

/** `portico parked-events`: messages of the event bus that could not be taken; with `--replay` they are tried once more. */
export async function listParkedEvents({ replay, replayAll, json }: ParkedEventsOptions): Promise<void> {
  await using opened = await openContext();
  const { parkedEvents } = opened.context.services;
  const found = [];
  for (let after: string | undefined, isMore = true; isMore; ) {
    const page = await parkedEvents.list({ size: pageSize, ...(after !== undefined && { after }) });
    found.push(...page.rows);
    after = page.rows.at(-1)?.id;
    isMore = page.hasNextPage;
  }
  const ids = replayAll ? found.map(({ id }) => id) : replay;
  const replayed = ids.length > 0 ? await parkedEvents.replay(ids, systemActor) : [];
  const listed = found.map(({ id, topic, entryId, eventId, type, reason, detail, createdAt }) => ({
    ...{ id, topic, entryId, eventId, type, reason, detail },
    parkedAt: createdAt,
  }));
  printAnswer(json, { parkedEvents: listed, replayed }, [
    ...listed.map(
      ({ id, topic, entryId, type, reason, detail, parkedAt }) =>
        `${id}  ${topic} ${entryId}  ${type ?? 'no type'}  ${reason} since ${parkedAt.toISOString()}  ${detail}`,
    ),
    found.length === 0
      ? 'There are no parked messages.'
      : `${found.length} parked messages, ${replayed.length} of them taken now.`,
  ]);
  if (replayed.length < ids.length) process.exitCode = 1;
}
