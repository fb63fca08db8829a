import type { UpstreamName } from '../../errors.js';
import { unavailable } from './failure.js';
import { type Place, WaitingLine } from './waiting-line.js';

type Lane = 'awaited' | 'background';

export interface ConcurrencyGate {
  /**
   * Waits for a free slot.
   *
   * @param isBackground - nobody waits for the call; such calls leave some slots to those that people wait for
   * @returns how to free the slot
   * @throws UpstreamUnavailableError (`timeout`) when none is free before the deadline
   */
  enter(isBackground: boolean, place: Place): Promise<() => void>;
}

/**
 * Bounds the calls under way, so that a slow upstream is not buried and its slow background work cannot take every slot.
 *
 * @param limit - most calls at a time
 * @param backgroundLimit - most of them that nobody waits for
 */
export function createConcurrencyGate({
  upstream,
  limit,
  backgroundLimit,
}: {
  upstream: UpstreamName;
  limit: number;
  backgroundLimit: number;
}): ConcurrencyGate {
  const underWay: Record<Lane, number> = { awaited: 0, background: 0 };
  const line = new WaitingLine<Lane, () => void>();
  const isFull = () => underWay.awaited + underWay.background >= limit;
  const hasRoom = (lane: Lane) => !isFull() && (lane === 'awaited' || underWay.background < backgroundLimit);

  const take = (lane: Lane) => {
    underWay[lane] += 1;
    return () => {
      underWay[lane] -= 1;
      for (const waiter of line.inOrder()) {
        if (isFull()) break;
        if (hasRoom(waiter.want)) waiter.admit(take(waiter.want));
      }
    };
  };
  return {
    async enter(isBackground, place) {
      const lane: Lane = isBackground ? 'background' : 'awaited';
      if (hasRoom(lane)) return take(lane);
      return line.join(lane, place, () => unavailable(upstream, 'timeout'));
    },
  };
}
