/**
 * Stores acts, in whichever statement.
 *
 * @param parameter - for an array of audit events as JSON, e.g. `$1`
 * @param only - name of a table or query of the same statement: without a row in it nothing is stored
 */
export function insertActs(parameter: string, only?: string): string {
  const from = only === undefined ? '' : `${only}, `;
  return `insert into audit_event (id, at, action, outcome, actor_id, client_id, subject_id, address, detail)
    select act.* from ${from}jsonb_to_recordset(${parameter}::jsonb) as act (id uuid, at timestamptz, action text,
      outcome text, "actorId" uuid, "clientId" text, "subjectId" uuid, address text, detail jsonb)`;
}
