import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import type { EnrollmentMove } from '../../entities/enrollment-move.entity.js';
import { Access, type FieldAccess } from '../access/access.decorator.js';
import { AccountType, toAccount } from '../account/account.type.js';
import type { GraphContext } from '../context.js';
import { EnrollmentType, toEnrollment } from '../enrollment/enrollment.type.js';
import { readGlobalId } from '../global-id.js';
import { withUserErrors } from '../user-error.type.js';
import {
  DeferEnrollmentInput,
  DeferEnrollmentPayload,
  RefundEnrollmentInput,
  RefundEnrollmentPayload,
  TransferEnrollmentInput,
  TransferEnrollmentPayload,
} from './enrollment-move.input.js';
import { EnrollmentMoveType, moveAccess, toEnrollmentMove } from './enrollment-move.type.js';

const movingAccess: FieldAccess = { scope: 'learning:write', role: 'STAFF' };

@Resolver(() => EnrollmentMoveType)
export class EnrollmentMoveResolver {
  @Access(movingAccess)
  @Mutation(() => DeferEnrollmentPayload, {
    description:
      'Moves an enrollment to another run of its course: enrolled there and verified first, only then ended here. Safe to repeat.',
  })
  deferEnrollment(
    @Arg('input', () => DeferEnrollmentInput, { description: 'Whose, from where, to where.' })
    { toCourseKey, ...input }: DeferEnrollmentInput,
    @Ctx() { services, actor }: GraphContext,
  ): Promise<DeferEnrollmentPayload> {
    return answer(() => services.enrollmentMoves.defer({ ...read(input), toCourseKey }, actor));
  }

  @Access(movingAccess)
  @Mutation(() => TransferEnrollmentPayload, {
    description: 'Gives an enrollment to another account: enrolled and verified there first. Safe to repeat.',
  })
  transferEnrollment(
    @Arg('input', () => TransferEnrollmentInput, { description: 'Whose, where, to whom.' })
    { toAccountId, ...input }: TransferEnrollmentInput,
    @Ctx() { services, actor }: GraphContext,
  ): Promise<TransferEnrollmentPayload> {
    const to = readGlobalId('Account', toAccountId, 'toAccountId');
    return answer(() => services.enrollmentMoves.transfer({ ...read(input), toAccountId: to }, actor));
  }

  @Access(movingAccess)
  @Mutation(() => RefundEnrollmentPayload, {
    description: 'Ends an enrollment as paid back; money is not touched. Safe to repeat.',
  })
  refundEnrollment(
    @Arg('input', () => RefundEnrollmentInput, { description: 'Whose and where.' }) input: RefundEnrollmentInput,
    @Ctx() { services, actor }: GraphContext,
  ): Promise<RefundEnrollmentPayload> {
    return answer(() => services.enrollmentMoves.refund(read(input), actor));
  }

  @FieldResolver(() => EnrollmentType, { nullable: true, description: 'The enrollment that ends.' })
  source(@Root() move: EnrollmentMoveType, @Ctx() context: GraphContext): Promise<EnrollmentType | null> {
    return loadEnrollment(move.sourceId, context);
  }

  @FieldResolver(() => EnrollmentType, { nullable: true, description: 'What takes its place; null for a refund.' })
  target(@Root() move: EnrollmentMoveType, @Ctx() context: GraphContext): Promise<EnrollmentType | null> {
    return loadEnrollment(move.targetId, context);
  }

  @FieldResolver(() => AccountType, { nullable: true, description: 'Who began it; null for Portico itself.' })
  async startedBy(@Root() move: EnrollmentMoveType, @Ctx() { stored }: GraphContext): Promise<AccountType | null> {
    const row = move.requesterId === null ? undefined : await stored.account.load(move.requesterId);
    return row ? toAccount(row) : null;
  }
}

@Resolver(() => EnrollmentType)
export class EnrollmentMovesResolver {
  @Access(moveAccess)
  @FieldResolver(() => [EnrollmentMoveType], {
    description: 'Deferrals, transfers and refunds from and to this enrollment, oldest first.',
  })
  async moves(@Root() enrollment: EnrollmentType, @Ctx() { stored }: GraphContext): Promise<EnrollmentMoveType[]> {
    const { rowId } = enrollment;
    return rowId === null ? [] : (await stored.enrollmentMoves.load(rowId)).map(toEnrollmentMove);
  }
}

interface MoveInput {
  accountId: string;
  courseKey: string;
  mode?: string | null;
  force?: boolean | null;
  idempotencyKey?: string | null;
}

function read({ accountId, courseKey, mode, force, idempotencyKey }: MoveInput) {
  return {
    accountId: readGlobalId('Account', accountId, 'accountId'),
    courseKey,
    mode: mode ?? undefined,
    force: force ?? undefined,
    idempotencyKey: idempotencyKey ?? undefined,
  };
}

function answer(act: () => Promise<EnrollmentMove>): Promise<DeferEnrollmentPayload> {
  const nothing: Pick<DeferEnrollmentPayload, 'move'> = { move: null };
  return withUserErrors(nothing, async () => ({ move: toEnrollmentMove(await act()) }));
}

async function loadEnrollment(id: string | null, { stored }: GraphContext): Promise<EnrollmentType | null> {
  const row = id === null ? undefined : await stored.enrollment.load(id);
  return row ? toEnrollment(row) : null;
}
