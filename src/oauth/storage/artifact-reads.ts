import DataLoader from 'dataloader';
import type { OwnerJson, OwnerRead, OwnerRows } from '../../services/account/owner-rows.js';
import type { OAuthAccount } from '../account-source.js';
import { type AccountJson, accountIdNamedBy, accountNamedBy, toAccount } from './account-reads.js';
import type { Payload } from './payload.js';
import type { RunStatement, Statement } from './statements.js';

/** An artifact as it is stored, with what whoever asks for one asks for next. */
export interface FoundArtifact {
  payload: Payload;
  /** When it was used, in seconds since the epoch. */
  consumed: number | null;
  /** What is stored of the grant that it is under. */
  grant: { id: string; payload: Payload } | undefined;
  /** Whom it is about, as the account is now. */
  account: OAuthAccount | undefined;
  /** Rows about the same, where they are wanted. */
  owner?: OwnerRows | undefined;
}

/** Who wants more of whom an artifact is about, and how it is read. */
export interface OwnerReads {
  areWanted(): boolean;
  read: OwnerRead;
}

/** @param key - what the artifact is stored under */
export type FindArtifact = (model: string, key: string) => Promise<FoundArtifact | undefined>;

// The inner `limit` keeps it at three looks into primary keys for each artifact, whatever the planner thinks of the size of the
// tables. The outer one takes nothing away: with it the planner expects few artifacts even where it does not know how many are
// asked for, so that the plan is made once for each connection. Made each time, it costs more than the reading.
const findStatement = (name: string, about: string, aboutWhom: string): Statement => ({
  name,
  text: `select wanted.place::int as place, found.payload, found.consumed, found.grant_id as "grantId", parent.payload as grant,
      ${about}
    from (select * from unnest($1::text[], $2::text[]) with ordinality as wanted (model, id, place) limit cardinality($1)) wanted
    cross join lateral (select payload, grant_id, account_id, extract(epoch from consumed_at)::float8 as consumed
      from oidc_artifact where model = wanted.model and id = wanted.id limit 1) found
    left join lateral (select payload from oidc_artifact where model = 'Grant' and id = found.grant_id limit 1) parent on true
    ${aboutWhom}`,
});

interface Row {
  /** From 1. */
  place: number;
  payload: Payload;
  consumed: number | null;
  grantId: string | null;
  grant: Payload | null;
  /** Of these, what was asked for. */
  account?: AccountJson | null;
  owner?: OwnerJson | null;
}

/**
 * Reads artifacts, those that are asked for in the same moment by one statement: the provider looks for a token in three models
 * at a time, and requests come together. Nothing is kept between two reads.
 */
export function createFindArtifact(run: RunStatement, owners?: OwnerReads): FindArtifact {
  const createLoader = (find: Statement) =>
    new DataLoader<{ model: string; key: string }, FoundArtifact | undefined>(
      async (wanted) => {
        const rows = await run<Row>(find, [wanted.map(({ model }) => model), wanted.map(({ key }) => key)]);
        const found = new Array<FoundArtifact | undefined>(wanted.length).fill(undefined);
        for (const { place, payload, consumed, grantId, grant, account, owner: json } of rows) {
          const owner = json ? owners?.read.read(json) : undefined;
          found[place - 1] = {
            payload,
            consumed,
            grant: grantId !== null && grant ? { id: grantId, payload: grant } : undefined,
            account: account ? toAccount(account) : owner?.account,
            owner,
          };
        }
        return found;
      },
      { cache: false, maxBatchSize: 100 },
    );
  const account = 'found.account_id';
  const loader = createLoader(findStatement('oidc_artifact_find_many', 'person.account', accountNamedBy(account)));
  const withOwner =
    owners &&
    createLoader(
      findStatement(
        'oidc_artifact_find_with_owner',
        `${owners.read.sqlOf('named.id')} as owner`,
        accountIdNamedBy(account),
      ),
    );
  return (model, key) => (withOwner && owners.areWanted() ? withOwner : loader).load({ model, key });
}
