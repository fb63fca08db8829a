import type { EntityManager } from '@mikro-orm/postgresql';
import { type AnswerStore, type AnswerToKeep, encodeAnswer } from '../../datasources/answer-store.js';
import { type PreparedStatement, runPrepared } from '../../entities/prepared-statement.js';
import type { Logger } from '../../logger.js';
import { createGroupedWrites } from '../grouped-writes.js';
import { createKeptAnswers, type KeptAnswers } from './kept-answers.js';

/** Answers in the database. Disposing it waits for what is under way. */
export interface DatabaseAnswers extends AnswerStore, Pick<KeptAnswers, 'foresee'>, AsyncDisposable {
  /** Resolves when everything that was to be written so far is, or could not be. */
  settled(): Promise<void>;
}

type Write = ({ kind: 'keep' } & AnswerToKeep) | { kind: 'outdate' | 'forget'; name: string; at: Date };

const mostAtOnce = 500;
/** Milliseconds: nobody waits for it, and what comes meanwhile is one write with it. */
const gatherMs = 200;
/** Beyond it answers are not kept: a database that is too slow must not fill the memory. */
const mostWaiting = 20_000;

/**
 * A read that began earlier never replaces a later one, nor what was known to change since. In the order of the names: of two
 * writers one waits for the other.
 */
const keepStatement = {
  name: 'learning_answer_keep',
  text: `
  insert into learning_answer as present (name, lms_username, answer, as_of)
  select name, owner, answer, as_of
  from jsonb_to_recordset($1::jsonb) as seen (name text, owner text, answer jsonb, as_of timestamptz) order by name
  on conflict (name) do update set answer = excluded.answer, as_of = excluded.as_of, outdated_at = null
  where present.as_of < excluded.as_of and (present.outdated_at is null or present.outdated_at < excluded.as_of)`,
};

const changedBefore = `
  select present.name, changed.at from learning_answer present
    join jsonb_to_recordset($1::jsonb) as changed (name text, at timestamptz) using (name)
  where present.as_of <= changed.at order by present.name for update of present`;

const outdateStatement = {
  name: 'learning_answer_outdate',
  text: `with changed as (${changedBefore}) update learning_answer answer set outdated_at = changed.at
    from changed where answer.name = changed.name`,
};

const forgetStatement = {
  name: 'learning_answer_forget',
  text: `with changed as (${changedBefore}) delete from learning_answer where name in (select name from changed)`,
};

/** Keeps answers of the LMS in table `learning_answer`, many in one write, behind the readers' backs. */
export function createDatabaseAnswers({ em, logger }: { em: EntityManager; logger: Logger }): DatabaseAnswers {
  const write = createGroupedWrites<Write>({ write: (writes) => carryOut(em, writes), lanes: 1, mostAtOnce, gatherMs });
  const kept = createKeptAnswers(em, logger);
  const underWay = new Set<Promise<void>>();
  const behind = (one: Write) => {
    if (one.kind === 'keep' && underWay.size >= mostWaiting) return;
    const settled = write(one).catch((error: unknown) =>
      logger.warn({ err: error }, 'an answer of the LMS could not be kept'),
    );
    underWay.add(settled);
    void settled.then(() => underWay.delete(settled));
  };
  const settled = async () => {
    while (underWay.size > 0) await Promise.all(underWay);
  };
  return {
    async find(wanted) {
      const answers = await Promise.all(wanted.map((key) => kept.load(key)));
      return new Map(wanted.flatMap(({ name }, place) => (answers[place] ? [[name, answers[place]]] : [])));
    },
    foresee: kept.foresee,
    keep(answer) {
      kept.forget(answer);
      behind({ kind: 'keep', ...answer });
    },
    outdate(key, at) {
      kept.forget(key);
      behind({ kind: 'outdate', name: key.name, at });
    },
    forget(key, at) {
      kept.forget(key);
      behind({ kind: 'forget', name: key.name, at });
    },
    settled,
    [Symbol.asyncDispose]: settled,
  };
}

/** In the order in which they came, as far as they concern the same answer. */
async function carryOut(em: EntityManager, writes: readonly Write[]): Promise<void> {
  const kept = writes.filter((write) => write.kind === 'keep').toSorted((a, b) => a.asOf.getTime() - b.asOf.getTime());
  const changed = (kind: 'outdate' | 'forget') =>
    writes.flatMap((write) => (write.kind === kind ? [{ name: write.name, json: JSON.stringify(write) }] : []));
  const run = async (statement: PreparedStatement, items: readonly { name: string; json: string }[]) => {
    const latest = new Map(items.map(({ name, json }) => [name, json]));
    if (latest.size > 0) await runPrepared(em, statement, [`[${[...latest.values()].join()}]`]);
  };
  await run(keepStatement, kept.map(toRow));
  await run(outdateStatement, changed('outdate'));
  await run(forgetStatement, changed('forget'));
}

/** The answer is JSON already. */
function toRow({ name, owner, value, asOf }: AnswerToKeep): { name: string; json: string } {
  const columns = JSON.stringify({ name, owner, as_of: asOf });
  return { name, json: `${columns.slice(0, -1)},"answer":${encodeAnswer(value)}}` };
}
