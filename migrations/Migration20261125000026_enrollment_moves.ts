import { Migration } from '@mikro-orm/migrations';

/** Deferrals, transfers and refunds, step by step. Forward only. */
export class Migration20261125000026_enrollment_moves extends Migration {
  override up(): void {
    this.addSql(`create table enrollment_move (
      id uuid primary key, created_at timestamptz not null, updated_at timestamptz not null,
      kind text not null check (kind in ('DEFER', 'TRANSFER', 'REFUND')),
      state text not null check (state in ('RUNNING', 'DONE', 'FAILED')),
      source_id uuid not null references enrollment (id) on delete cascade,
      target_id uuid references enrollment (id) on delete cascade,
      target_before jsonb, mode text, force boolean not null default false, requested_by uuid,
      step text check (step in ('ENROLL_TARGET', 'END_SOURCE', 'UNDO_TARGET')), wish_version int,
      steps jsonb not null default '[]', finished_at timestamptz)`);
    this.addSql(`create unique index enrollment_move_running on enrollment_move (source_id) where state = 'RUNNING'`);
    this.addSql(`create index enrollment_move_source on enrollment_move (source_id, id)`);
    this.addSql(`create index enrollment_move_target on enrollment_move (target_id, id) where target_id is not null`);
  }
}
