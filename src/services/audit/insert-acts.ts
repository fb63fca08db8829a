/**
 * Stores acts, in whichever statement.
 *
 * @param parameter - for an array of audit events as JSON, e.g. `$1`
 */
export function insertActs(parameter: string): string {
  return `insert into audit_event (id, at, action, outcome, actor_id, client_id, subject_id, address, detail)
    select * from jsonb_to_recordset(${parameter}::jsonb) as act (id uuid, at timestamptz, action text, outcome text,
      "actorId" uuid, "clientId" text, "subjectId" uuid, address text, detail jsonb)`;
}
