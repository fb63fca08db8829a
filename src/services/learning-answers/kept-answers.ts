import type { EntityManager } from '@mikro-orm/postgresql';
import DataLoader from 'dataloader';
import { LRUCache } from 'lru-cache';
import { type AnswerKey, decodeAnswer, type StoredAnswer } from '../../datasources/answer-store.js';
import { wantedKeys } from '../../entities/prepared-rows.js';
import { runPrepared } from '../../entities/prepared-statement.js';
import type { Logger } from '../../logger.js';
import type { OwnerRows } from '../account/owner-rows.js';

/** What is kept of answers, as it was a moment ago at the most. */
export interface KeptAnswers {
  /** By key; nothing where none is kept, or none can be read. */
  load(key: AnswerKey): Promise<StoredAnswer | undefined>;
  /**
   * Begins to read what is kept of the LMS user of an account, while it is still being found out who that is. Does nothing for who
   * was asked for lately: of them the caches of this process know.
   *
   * @param owner - what is known of the account already: of whom nothing is kept, nothing is read
   */
  foresee(accountId: string, owner?: Pick<OwnerRows, 'edxLink' | 'hasKeptAnswers'>): void;
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
/** Milliseconds, too: who comes again within that is not foreseen. */
const latelyMs = 300_000;
const mostLately = 20_000;

const findByNames = {
  name: 'learning_answer_find',
  text: `select ${columns} from ${wantedKeys('$1', 'text')} join learning_answer on name = wanted_key`,
};

const findByLearners = {
  name: 'learning_answer_find_of_learners',
  text: `select wanted_key as owner, found.* from ${wantedKeys('$1', 'text')} cross join lateral (
    select ${columns} from learning_answer where lms_username = wanted_key limit ${mostOfLearner + 1}) found`,
};

const findByAccounts = {
  name: 'learning_answer_find_of_accounts',
  text: `select lower(edx_username) as owner, found.* from ${wantedKeys('$1', 'uuid')}
    cross join lateral (
      select edx_username from edx_link where account_id = wanted_key and edx_username is not null limit 1) link
    left join lateral (
      select ${columns} from learning_answer where lms_username = lower(edx_username) limit ${mostOfLearner + 1}) found on true`,
};

interface Row {
  name: string;
  answer: string;
  asOf: string;
  isOutdated: boolean;
}

interface OwnedRow extends Row {
  owner: string;
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
  const lately = new LRUCache<string, true>({ max: mostLately, ttl: latelyMs });
  const foreseen = new Set<Promise<void>>();
  const foreseer = new DataLoader<string, undefined>(
    async (accountIds) => {
      const rows = await runPrepared<OwnedRow | { owner: string; name: null }>(em, findByAccounts, [accountIds]);
      for (const [owner, own] of Map.groupBy(rows, (row) => row.owner)) {
        const kept = own.filter((row) => row.name !== null);
        if (kept.length <= mostOfLearner) recent.set(owner, { byName: toAnswers(kept), told: new Set() });
      }
      return accountIds.map(() => undefined);
    },
    { cache: false, maxBatchSize: fewLearners },
  );

  const readByNames = async (wanted: readonly AnswerKey[]): Promise<Map<string, StoredAnswer>> => {
    if (wanted.length === 0) return new Map();
    const rows = await runPrepared<Row>(em, findByNames, [wanted.map(({ name }) => name)]);
    return toAnswers(rows);
  };
  const readByLearners = async (wanted: readonly AnswerKey[], owners: readonly string[]) => {
    const rows = await runPrepared<OwnedRow>(em, findByLearners, [owners]);
    const ofOwners = Map.groupBy(rows, (row) => row.owner);
    const whole = new Map<string, ReadAlong['byName']>();
    for (const owner of owners) {
      const own = ofOwners.get(owner) ?? [];
      if (own.length <= mostOfLearner) whole.set(owner, toAnswers(own));
    }
    const found = await readByNames(wanted.filter(({ owner }) => owner === null || !whole.has(owner)));
    for (const [owner, byName] of whole) {
      recent.set(owner, { byName, told: new Set(wanted.flatMap((key) => (key.owner === owner ? key.name : []))) });
      for (const [name, answer] of byName) found.set(name, answer);
    }
    return found;
  };
  const read = async (wanted: readonly AnswerKey[]): Promise<(StoredAnswer | undefined)[]> => {
    const owners = [...new Set(wanted.flatMap(({ owner }) => owner ?? []))];
    const isList = owners.length === 0 || owners.length > fewLearners;
    const found = isList ? await readByNames(wanted) : await readByLearners(wanted, owners);
    return wanted.map(({ name }) => found.get(name));
  };

  const tellUnread = (error: unknown) => logger.warn({ err: error }, 'kept answers of the LMS could not be read');
  const loader = new DataLoader<AnswerKey, StoredAnswer | undefined>(
    (wanted) =>
      read(wanted).catch((error: unknown) => {
        tellUnread(error);
        return wanted.map(() => undefined);
      }),
    { cache: false, maxBatchSize: mostAtOnce },
  );
  return {
    async load(key) {
      if (foreseen.size > 0 && key.owner !== null && !recent.has(key.owner)) await Promise.all(foreseen);
      const along = takeAlong(key);
      return along ? along.get(key.name) : loader.load(key);
    },
    foresee(accountId, owner) {
      const lmsUsername = owner?.edxLink?.edxUsername;
      if (owner && !owner.hasKeptAnswers) {
        if (lmsUsername) recent.set(lmsUsername.toLowerCase(), { byName: new Map(), told: new Set() });
        return;
      }
      if (lately.has(accountId)) return;
      lately.set(accountId, true);
      const reading = foreseer
        .load(accountId)
        .catch(tellUnread)
        .then(() => void foreseen.delete(reading));
      foreseen.add(reading);
    },
    forget({ name, owner }) {
      if (owner !== null) recent.get(owner)?.told.add(name);
    },
  };
}

function toAnswers(rows: readonly Row[]): Map<string, StoredAnswer> {
  return new Map(
    rows.map(({ name, answer, asOf, isOutdated }) => [
      name,
      { value: decodeAnswer(answer), asOf: new Date(asOf), isOutdated },
    ]),
  );
}
