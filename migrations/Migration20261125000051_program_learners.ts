import { Migration } from '@mikro-orm/migrations';

/** When the LMS was last asked for a program's learners, and whom somebody untied from a key. Forward only. */
export class Migration20261125000051_program_learners extends Migration {
  override up(): void {
    this.addSql('alter table program add column learners_read_at timestamptz');
    this.addSql('alter table learner_link add column unlinked_username text');
  }
}
