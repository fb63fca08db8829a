import { Migration } from '@mikro-orm/migrations';

/** Since when what is known of a program is to be asked for anew. Forward only. */
export class Migration20261125000061_forgotten_programs extends Migration {
  override up(): void {
    this.addSql('alter table program add column forgotten_at timestamptz');
  }
}
