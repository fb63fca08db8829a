import { Migration } from '@mikro-orm/migrations';

/**
 * Gives the links of the audit chain a table of their own, so that an event is written once and never again, and the events that
 * have no place in the chain yet a short list. Takes what is chained already along as it stands. Whoever records an act waits
 * meanwhile, up to twenty seconds for each million events; all else goes on. Forward only.
 */
export class Migration20261125000047_audit_links extends Migration {
  override up(): void {
    // Whoever chains at this moment finishes first: it reads before it writes, and the two would wait for each other.
    this.addSql(`select pg_advisory_xact_lock(8053000003)`);
    // What is chained or recorded after it was copied would be lost. Reading goes on.
    this.addSql(`lock table audit_event in share row exclusive mode`);
    this.addSql(`create table audit_link (
      position bigint not null, event_id uuid not null, hash text not null, mac text not null, key_id text not null,
      address_salt text, address_hash text)`);
    this.addSql(`insert into audit_link (position, event_id, hash, mac, key_id, address_salt, address_hash)
      select position, id, hash, mac, key_id, address_salt, address_hash from audit_event where position is not null
      order by position`);
    this.addSql(`alter table audit_link add primary key (position)`);
    this.addSql(`create unique index audit_link_event on audit_link (event_id)`);

    // Rows come and go all the time, and the whole of it is read each time: no index, and swept before it has grown.
    this.addSql(`create table audit_pending (event_id uuid not null)
      with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_insert_threshold = -1)`);
    this.addSql(`insert into audit_pending (event_id) select id from audit_event where position is null order by id`);
    // By the database itself, in the transaction of the act, whoever records it and by which statement.
    this.addSql(`create function portico_audit_recorded() returns trigger language plpgsql as $$
      begin
        insert into audit_pending (event_id) select id from recorded;
        return null;
      end $$`);
    this.addSql(`create trigger audit_event_recorded after insert on audit_event
      referencing new table as recorded for each statement execute function portico_audit_recorded()`);

    // Their indexes go with them.
    this.addSql(`alter table audit_event drop column position, drop column hash, drop column mac, drop column key_id,
      drop column address_salt, drop column address_hash`);
    this.addSql(`drop index if exists audit_event_unchained`);
    this.addSql(`analyze audit_link`);
  }
}
