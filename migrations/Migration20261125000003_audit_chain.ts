import { Migration } from '@mikro-orm/migrations';

/**
 * Makes the audit a chain: each event gets its place, a hash over itself and its predecessor, and a signature, soon after it
 * was stored; the ends of the chain are signed apart. Events from before are chained as they stand. Forward only.
 */
export class Migration20261125000003_audit_chain extends Migration {
  override up(): void {
    this.addSql(`alter table audit_event
      add column position bigint, add column hash text, add column mac text, add column key_id text`);
    this.addSql(`create unique index audit_event_position on audit_event (position) where position is not null`);
    this.addSql(`create index audit_event_unchained on audit_event (id) where position is null`);
    this.addSql(`create table audit_anchor (
      name text primary key check (name in ('start', 'head')),
      position bigint not null, hash text not null, mac text not null, key_id text not null, at timestamptz not null)`);
    this.addSql(`create index audit_event_action on audit_event (action, id)`);
  }
}
