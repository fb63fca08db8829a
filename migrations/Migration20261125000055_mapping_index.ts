import { Migration } from '@mikro-orm/migrations';

/** The ID mapping looks remote ids up as the LMS does, whatever their case. Forward only. */
export class Migration20261125000055_mapping_index extends Migration {
  override up(): void {
    this.addSql(`create index edx_link_remote_id_any_case on edx_link (lower(remote_id)) where remote_id is not null`);
  }
}
