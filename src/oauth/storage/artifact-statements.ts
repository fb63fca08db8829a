import { insertActs } from '../../services/audit/insert-acts.js';
import type { Statement } from './statements.js';

/** What is asked of `oidc_artifact`, one statement for each operation. */
export const statements = {
  upsert: {
    name: 'oidc_artifact_upsert',
    text: `insert into oidc_artifact (model, id, grant_id, user_code, account_id, client_id, payload, expires_at, created_at)
      values ($1, $2, $3, $4, $5, $6, $7::jsonb, $8, $9)
      on conflict (model, id) do update set payload = excluded.payload, expires_at = excluded.expires_at,
        grant_id = excluded.grant_id, account_id = excluded.account_id`,
  },
  insertOnce: {
    name: 'oidc_artifact_insert_once',
    text: `insert into oidc_artifact (model, id, payload, expires_at, created_at) values ($1, $2, $3::jsonb, $4, $5)
      on conflict (model, id) do update set payload = excluded.payload, expires_at = excluded.expires_at
        where oidc_artifact.expires_at < excluded.created_at
      returning id`,
  },
  consume: {
    name: 'oidc_artifact_consume',
    text: `update oidc_artifact set consumed_at = $3 where model = $1 and id = $2 and consumed_at is null returning id`,
  },
  // The rows are there together or not at all, and only for whoever marks the first of them as used; so are the acts.
  exchange: {
    name: 'oidc_artifact_exchange',
    text: `with used as (
        update oidc_artifact set consumed_at = $3 where model = $1 and id = $2 and consumed_at is null returning id),
      issued as (
        insert into oidc_artifact (model, id, grant_id, account_id, client_id, payload, expires_at, created_at)
        select fresh.model, fresh.id, fresh.grant_id, fresh.account_id, fresh.client_id, fresh.payload, fresh.expires_at, $3
        from used, jsonb_to_recordset($4::jsonb) as fresh (model text, id text, grant_id text, account_id text,
          client_id text, payload jsonb, expires_at timestamptz)),
      recorded as (${insertActs('$5', 'used')})
      select id from used`,
  },
  // Whoever finds tokens of theirs has made the exchange.
  undoExchange: {
    name: 'oidc_artifact_undo_exchange',
    text: `with issued as (
        delete from oidc_artifact where model in ('AccessToken', 'RefreshToken') and id = any($3::text[]) returning id)
      update oidc_artifact set consumed_at = null where model = $1 and id = $2 and exists (select 1 from issued)`,
  },
  grantOf: {
    name: 'oidc_artifact_grant_of',
    text: `select grant_id as "grantId" from oidc_artifact where model = $1 and id = $2`,
  },
  destroy: { name: 'oidc_artifact_destroy', text: `delete from oidc_artifact where model = $1 and id = $2` },
  revokeByGrantId: {
    name: 'oidc_artifact_revoke_by_grant',
    text: `delete from oidc_artifact where grant_id = $1 and model = $2`,
  },
  revokeGrants: {
    name: 'oidc_artifact_revoke_grants',
    text: `delete from oidc_artifact where grant_id = any($1::text[]) or (model = 'Grant' and id = any($1::text[]))`,
  },
  revokeTokensOfGrant: { name: 'oidc_artifact_revoke_tokens', text: `delete from oidc_artifact where grant_id = $1` },
  revokeOfAccount: {
    name: 'oidc_artifact_revoke_of_account',
    text: `delete from oidc_artifact where account_id = $1
      and not (coalesce(grant_id, case model when 'Grant' then id end) = any($2::text[]))`,
  },
  revokeOfClient: {
    name: 'oidc_artifact_revoke_of_client',
    text: `delete from oidc_artifact where account_id = $1 and client_id = $2 returning model`,
  },
  grantScopes: {
    name: 'oidc_artifact_grant_scopes',
    text: `select id, payload #>> '{openid,scope}' as scope from oidc_artifact where model = 'Grant' and id = any($1::text[])`,
  },
} as const satisfies Record<string, Statement>;
