import { Type } from 'typebox';
import { createParser } from '../upstream/parser.js';

const Count = Type.Integer({ minimum: 0 });

export const parseProgress = createParser(
  'lms',
  Type.Object({
    completion_summary: Type.Object({ complete_count: Count, incomplete_count: Count, locked_count: Count }),
    has_scheduled_content: Type.Boolean(),
  }),
);

const Block = Type.Object({
  type: Type.String(),
  children: Type.Optional(Type.Array(Type.String())),
  /** 0..1, of leaves that count only. */
  completion: Type.Optional(Type.Number()),
});

export type WireBlocks = Readonly<Record<string, Type.Static<typeof Block>>>;

export const parseBlocks = createParser('lms', Type.Object({ blocks: Type.Record(Type.String(), Block) }));
