import { afterAll, beforeAll, expect, test } from 'vitest';
import { differencesOf } from './compare-registrar.js';
import { improvements } from './improvements.js';
import { leftOut, reasonToLeaveOut } from './left-out.js';
import { parseRegistrar, recordingNames } from './parse-registrar.js';
import { meanwhile, preconditions } from './preconditions.js';
import { openRegistrarStage, type RegistrarStage } from './registrar-stage.js';
import { Replay } from './replay-registrar.js';

const counts = { equal: 0, improved: 0, 'left out': 0 };
let stage: RegistrarStage;
beforeAll(async () => {
  stage = await openRegistrarStage();
}, 60_000);
afterAll(async () => {
  await stage[Symbol.asyncDispose]();
  const total = Object.entries(counts).map(([what, count]) => `${count} ${what}`);
  console.log(`Exchanges of a recorded Registrar: ${total.join(', ')}.`);
});

const exchanges = new Map(recordingNames().map((file) => [file, parseRegistrar(file)]));
const idOf = (file: string, number: string) => `${file} ${number}`;

test('every recorded exchange is read', () => {
  expect([...exchanges.values()].flat()).toHaveLength(340);
});

test('every difference and everything that is left out is of an exchange', () => {
  const all = [...exchanges.values()].flat();
  const ids = all.map(({ file, number }) => idOf(file, number));
  expect(Object.keys(improvements).filter((id) => !ids.includes(id))).toEqual([]);
  const used = new Set(all.map(({ file, number }) => reasonToLeaveOut(file, number)));
  expect(Object.values(leftOut).filter((reason) => !used.has(reason))).toEqual([]);
});

test.each([...exchanges.keys()])(
  '%s: Portico answers as Registrar did, or better',
  async (file) => {
    const wanted = (exchanges.get(file) ?? []).map((exchange) => ({
      exchange,
      isLeftOut: reasonToLeaveOut(file, exchange.number) !== undefined,
    }));
    counts['left out'] += wanted.filter(({ isLeftOut }) => isLeftOut).length;
    if (wanted.every(({ isLeftOut }) => isLeftOut)) return;
    await stage.beginAnew();
    using replay = new Replay(stage);
    const bodies = new Map<string, unknown>();
    const differences: string[] = [];
    for (const { exchange, isLeftOut } of wanted) {
      const id = idOf(file, exchange.number);
      const recordedBody = replay.recordedBody(exchange, bodies);
      bodies.set(exchange.number, recordedBody);
      if (isLeftOut) continue;
      await preconditions[id]?.(stage, replay);
      const improvement = improvements[id];
      const replayed = await replay.ask(exchange, { improvement, meanwhile: meanwhile[id] });
      const found = differencesOf(exchange, replayed, { recordedBody, improvement });
      // What is listed as better, and is as it was, is to be listed no more.
      if (improvement && differencesOf(exchange, replayed, { recordedBody, improvement: undefined }).length === 0)
        found.push('it is as it was recorded');
      differences.push(...found.map((difference) => `${id} (${exchange.heading}): ${difference}`));
      if (found.length === 0) counts[improvement ? 'improved' : 'equal'] += 1;
    }
    expect(differences).toEqual([]);
  },
  240_000,
);
