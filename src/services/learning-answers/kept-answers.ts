import type { EntityManager } from '@mikro-orm/postgresql';
import DataLoader from 'dataloader';
import { LRUCache } from 'lru-cache';
import { type AnswerKey, decodeAnswer, type StoredAnswer } from '../../datasources/answer-store.js';
import { wantedKeys } from '../../entities/prepared-rows.js';
import { runPrepared } from '../../entities/prepared-statement.js';
import type { Logger } from '../../logger.js';

/** What is kept of answers, as it was a moment ago at the most. */
export interface KeptAnswers {
  /** By key; nothing where none is kept, or none can be read. */
  load(key: AnswerKey): Promise<StoredAnswer | undefined>;
  /** To be told what is being written: it is read anew then. */
  forget(key: AnswerKey): void;
}

const columns = 'name, answer::text, as_of as "asOf", outdated_at is not null as "isOutdated"';
const mostAtOnce = 500;
/** More learners than this are a list, of whom no more is wanted than was asked for. */
const fewLearners = 16;
/** Of one learner; who has more is not read whole. */
const mostOfLearner = 100;
/** Milliseconds: until then a page that began with a learner's enrollments goes on to their grades and certificates. */
const momentMs = 2_000;

const findByNames = {
  name: 'learning_answer_find',
  text: `select ${columns} from ${wantedKeys('$1', 'text')} join learning_answer on name = wanted_key`,
};

const findByLearners = {
  name: 'learning_answer_find_of_learners',
  text: `select wanted_key as owner, found.* from ${wantedKeys('$1', 'text')} cross join lateral (
    select ${columns} from learning_answer where lms_username = wanted_key limit ${mostOfLearner + 1}) found`,
};

interface Row {
  name: string;
  answer: string;
  asOf: string;
  isOutdated: boolean;
}

/** All that is kept of a learner, as it was read along with something else. */
interface ReadAlong {
  byName: ReadonlyMap<string, StoredAnswer>;
  /** What was asked for since, or changed: whoever asks again wants to know how it is now. */
  told: Set<string>;
}

/**
 * Reads what is kept, all that is wanted in one moment by one statement. With the first answer about a learner come all others, since a
 * page asks step by step, each when the LMS has answered the one before: the later steps find them here, each once.
 */
export function createKeptAnswers(em: EntityManager, logger: Logger): KeptAnswers {
  const recent = new LRUCache<string, ReadAlong>({ max: 1_000, ttl: momentMs });

  const takeAlong = ({ name, owner }: AnswerKey): ReadAlong['byName'] | undefined => {
    const along = owner === null ? undefined : recent.get(owner);
    if (!along || along.told.has(name)) return undefined;
    along.told.add(name);
    return along.byName;
  };
  const readByNames = async (wanted: readonly AnswerKey[]): Promise<Map<string, StoredAnswer>> => {
    if (wanted.length === 0) return new Map();
    const rows = await runPrepared<Row>(em, findByNames, [wanted.map(({ name }) => name)]);
    return new Map(rows.map((row) => [row.name, toAnswer(row)]));
  };
  const readByLearners = async (wanted: readonly AnswerKey[], owners: readonly string[]) => {
    const rows = await runPrepared<Row & { owner: string }>(em, findByLearners, [owners]);
    const ofOwners = Map.groupBy(rows, (row) => row.owner);
    const whole = new Map<string, ReadAlong['byName']>();
    for (const owner of owners) {
      const own = ofOwners.get(owner) ?? [];
      if (own.length <= mostOfLearner) whole.set(owner, new Map(own.map((row) => [row.name, toAnswer(row)])));
    }
    const found = await readByNames(wanted.filter(({ owner }) => owner === null || !whole.has(owner)));
    for (const [owner, byName] of whole) {
      recent.set(owner, { byName, told: new Set(wanted.flatMap((key) => (key.owner === owner ? key.name : []))) });
      for (const [name, answer] of byName) found.set(name, answer);
    }
    return found;
  };
  const read = async (wanted: readonly AnswerKey[]): Promise<(StoredAnswer | undefined)[]> => {
    const known = wanted.map(takeAlong);
    const unknown = wanted.filter((_, place) => !known[place]);
    const owners = [...new Set(unknown.flatMap(({ owner }) => owner ?? []))];
    const isList = owners.length === 0 || owners.length > fewLearners;
    const found = isList ? await readByNames(unknown) : await readByLearners(unknown, owners);
    return wanted.map(({ name }, place) => (known[place] ?? found).get(name));
  };

  const loader = new DataLoader<AnswerKey, StoredAnswer | undefined>(
    (wanted) =>
      read(wanted).catch((error: unknown) => {
        logger.warn({ err: error }, 'kept answers of the LMS could not be read');
        return wanted.map(() => undefined);
      }),
    { cache: false, maxBatchSize: mostAtOnce },
  );
  return {
    load: (key) => loader.load(key),
    forget({ name, owner }) {
      if (owner !== null) recent.get(owner)?.told.add(name);
    },
  };
}

function toAnswer({ answer, asOf, isOutdated }: Row): StoredAnswer {
  return { value: decodeAnswer(answer), asOf: new Date(asOf), isOutdated };
}
