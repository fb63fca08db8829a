import type { AuditEvent } from '../../services/audit/audit.service.js';
import { insertActs } from '../../services/audit/insert-acts.js';
import { createGroupedWrites } from '../../services/grouped-writes.js';
import type { RunStatement } from './statements.js';

/** A row of `oidc_artifact` to be stored. */
export interface ArtifactRow {
  model: string;
  key: string;
  grantId: string | null;
  accountId: string | null;
  clientId: string | null;
  /** JSON. */
  payload: string;
  expiresAt: Date | null;
  createdAt: Date;
}

/** What belongs together, and is kept together or not at all. */
export interface ArtifactWrite {
  artifacts: readonly ArtifactRow[];
  /** That they were given. */
  acts: readonly AuditEvent[];
}

const store = {
  name: 'oidc_artifact_store_many',
  text: `with stored as (
      insert into oidc_artifact (model, id, grant_id, account_id, client_id, payload, expires_at, created_at)
      select * from jsonb_to_recordset($1::jsonb) as artifact (model text, key text, "grantId" text, "accountId" text,
        "clientId" text, payload jsonb, "expiresAt" timestamptz, "createdAt" timestamptz)
      on conflict (model, id) do update set payload = excluded.payload, expires_at = excluded.expires_at,
        grant_id = excluded.grant_id, account_id = excluded.account_id)
    ${insertActs('$2')}`,
};

/** Stores artifacts and acts; for rows that nobody else writes at the same time. */
export function createWriteArtifacts(run: RunStatement): (write: ArtifactWrite) => Promise<void> {
  return createGroupedWrites<ArtifactWrite>({
    write: (writes) => {
      const artifacts = writes.flatMap((write) => write.artifacts.map(toJson));
      return run(store, [`[${artifacts.join()}]`, JSON.stringify(writes.flatMap(({ acts }) => acts))]);
    },
  });
}

/** The payload is JSON already. */
function toJson({ payload, ...columns }: ArtifactRow): string {
  return `${JSON.stringify(columns).slice(0, -1)},"payload":${payload}}`;
}
