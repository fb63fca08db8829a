import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createCostModel } from '../../../../src/datasources/cost/cost-model.js';
import { priceOf } from '../../../../src/datasources/cost/estimates.js';

const recorded = {
  list: { callMs: 70, rowMs: 1.4, usualRows: 200 },
  single: { callMs: 31, rowMs: 0, usualRows: 0 },
} as const;

test('before anything was seen costs are the recorded ones', () => {
  const model = createCostModel(recorded);
  expect(model.costOf('list').callMs).toBeCloseTo(70);
  expect(model.costOf('list').rowMs).toBeCloseTo(1.4);
  expect(model.costOf('single').callMs).toBeCloseTo(31);
  expect(model.costOf('single').rowMs).toBe(0);
});

test('what a call and a row cost is learned from answers of different lengths, however noisy', () => {
  const anLms = fc.record({
    callMs: fc.double({ min: 5, max: 400, noNaN: true }),
    rowMs: fc.double({ min: 0.1, max: 12, noNaN: true }),
    noise: fc.array(fc.double({ min: 0.92, max: 1.08, noNaN: true }), { minLength: 120, maxLength: 120 }),
  });
  fc.assert(
    fc.property(anLms, ({ callMs, rowMs, noise }) => {
      const model = createCostModel(recorded);
      noise.forEach((factor, index) => {
        const rows = [1, 50, 120, 200, 500][index % 5] ?? 1;
        model.learn('list', rows, (callMs + rowMs * rows) * factor);
      });
      for (const rows of [20, 200, 500]) {
        const ratio = priceOf(model.costOf('list'), rows) / (callMs + rowMs * rows);
        expect(ratio).toBeGreaterThan(0.66);
        expect(ratio).toBeLessThan(1.5);
      }
    }),
    { numRuns: 300 },
  );
});

test('one stall moves a price by little, and what never ends or took no time at all by nothing', () => {
  const model = createCostModel(recorded);
  for (let call = 0; call < 40; call += 1) model.learn('single', 1, 31);
  model.learn('single', 1, 60_000);
  expect(model.costOf('single').callMs).toBeLessThan(37);
  const before = model.costOf('single');
  for (const odd of [0, -5, Number.NaN, Number.POSITIVE_INFINITY]) model.learn('single', 1, odd);
  expect(model.costOf('single')).toEqual(before);
});

test('an endpoint that was not seen is as much slower as the others turned out to be', () => {
  const model = createCostModel(recorded);
  for (let call = 0; call < 30; call += 1) model.learn('single', 1, 310);
  expect(model.costOf('list').callMs).toBeGreaterThan(500);
  expect(model.costOf('list').rowMs).toBeGreaterThan(10);
});

test('costs are never below nothing, and never leave their bounds, whatever is observed', () => {
  const observation = fc.tuple(
    fc.constantFrom('list' as const, 'single' as const),
    fc.integer({ min: 0, max: 2000 }),
    fc.double({ min: 0, max: 1e9, noNaN: true }),
  );
  fc.assert(
    fc.property(fc.array(observation, { maxLength: 200 }), (observations) => {
      const model = createCostModel(recorded);
      for (const [endpoint, rows, ms] of observations) model.learn(endpoint, rows, ms);
      for (const endpoint of ['list', 'single'] as const) {
        const { callMs, rowMs } = model.costOf(endpoint);
        expect(callMs).toBeGreaterThanOrEqual(recorded[endpoint].callMs / 200);
        expect(callMs).toBeLessThanOrEqual(recorded[endpoint].callMs * 200);
        expect(rowMs).toBeGreaterThanOrEqual(0);
        expect(rowMs).toBeLessThanOrEqual(recorded[endpoint].rowMs * 200);
      }
    }),
    { numRuns: 300 },
  );
});

test('an LMS that becomes slower is seen to be so within some tens of calls', () => {
  const model = createCostModel(recorded);
  for (let call = 0; call < 200; call += 1) model.learn('single', 1, 31);
  for (let call = 0; call < 60; call += 1) model.learn('single', 1, 93);
  expect(model.costOf('single').callMs).toBeGreaterThan(75);
});
