import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type EdxLinkState, edxLinkStates } from '../../../../src/entities/edx-link.entity.js';
import { isResting, isUnderWay, linkTransitions, mayFollow } from '../../../../src/services/edx-link/machine.js';

const anyState = fc.constantFrom<EdxLinkState>(...edxLinkStates);

test('a link is made LINKED by nothing but its own try, a look at the LMS, or an import', () => {
  const before = edxLinkStates.filter((state) => mayFollow(state, 'LINKED'));
  expect(before).toEqual(['NOT_LINKED', 'PENDING', 'CREATING', 'CONFLICT']);
});

test('a registration is sent from PENDING only, so that two tries cannot begin', () => {
  expect(edxLinkStates.filter((state) => mayFollow(state, 'CREATING'))).toEqual(['PENDING']);
});

test('no state is a dead end: from each a link can become LINKED again', () => {
  const reach = (from: EdxLinkState) => {
    const seen = new Set<EdxLinkState>([from]);
    for (const state of seen) for (const next of edxLinkStates) if (mayFollow(state, next)) seen.add(next);
    return seen;
  };
  for (const state of edxLinkStates) expect(reach(state)).toContain('LINKED');
});

test('an account that is switched off or retired takes its link along from every state', () => {
  for (const state of edxLinkStates) expect(mayFollow(state, 'DEACTIVATED')).toBe(state !== 'DEACTIVATED');
});

test('staying is no step, and every step says when it is taken', () => {
  fc.assert(
    fc.property(anyState, anyState, (from, to) => {
      if (from === to) expect(mayFollow(from, to)).toBe(false);
      const when: unknown = Object.entries(linkTransitions[from]).find(([next]) => next === to)?.[1];
      expect(mayFollow(from, to)).toBe(typeof when === 'string' && when.length > 0);
    }),
  );
});

test('a state rests, is under way, or is an end; never two of them', () => {
  for (const state of edxLinkStates)
    expect(
      [isResting(state), isUnderWay(state), state === 'LINKED' || state === 'DEACTIVATED'].filter(Boolean),
    ).toEqual([true]);
});
