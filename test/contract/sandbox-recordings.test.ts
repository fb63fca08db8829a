import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LEFT_OUT, matchesLeftOut } from './left-out.js';
import { type RecordedExchange, titleOf } from './recordings/exchange.js';
import { parseFlows, type RecordedFlow } from './recordings/parse-flows.js';
import { parseRecording } from './recordings/parse-recording.js';
import { RecordedLms, TRANSCRIPTS } from './recordings/recorded-lms.js';
import { Replay } from './recordings/replay.js';
import { replayFlow } from './recordings/replay-flow.js';
import { SCENE_HEADINGS } from './recordings/sign-on-scenes.js';

/** Fewer replayed exchanges than this mean that the harness stopped reading the recordings. */
const LEAST_REPLAYED = 150;

const files = readdirSync(TRANSCRIPTS)
  .filter((name) => /^[a-z]\d?-.*\.md$/.test(name))
  .sort();
const recordings = new Map(
  files.map((file) => [file, parseRecording(file, readFileSync(new URL(file, TRANSCRIPTS), 'utf8'))]),
);
const all = [...recordings.values()].flat();
const isLeftOut = (exchange: RecordedExchange): boolean => LEFT_OUT.some((entry) => matchesLeftOut(entry, exchange));
const replayed: RecordedExchange[] = [];
const flows = parseFlows(readFileSync(new URL('c-sso.md', TRANSCRIPTS), 'utf8'));
const walked: RecordedFlow[] = [];

/** The decoded path, as routes are matched against it. */
function pathOf(target: string): string {
  const [path = ''] = target.split('?');
  return decodeURIComponent(path.replace(/%00|%ff/gi, ''));
}

function pathsOf(exchanges: readonly RecordedExchange[], walked: readonly RecordedFlow[]): string[] {
  const targets = [
    ...exchanges.map(({ request }) => request.target),
    ...walked.flatMap(({ hops }) => hops.map(({ target }) => target)),
  ];
  return targets.map(pathOf);
}

describe('the sandbox LMS answers as the recorded LMS did', () => {
  let lms: RecordedLms;
  beforeAll(async () => {
    lms = await RecordedLms.start();
  });
  afterAll(async () => {
    await lms[Symbol.asyncDispose]();
    process.stdout.write(
      `replayed ${replayed.length} of ${all.length} recorded exchanges, ${all.filter(isLeftOut).length} left out; ${walked.length} of ${flows.length} recorded sign-ons walked\n`,
    );
  });

  test.each(files)('%s', async (file) => {
    await lms.reset();
    const replay = new Replay(lms);
    const differences: string[] = [];
    for (const exchange of recordings.get(file) ?? []) {
      if (isLeftOut(exchange)) continue;
      const found = await replay.run(exchange).catch((error: unknown) => [String(error)]);
      differences.push(...found.map((difference) => `${titleOf(exchange)}: ${difference}`));
      replayed.push(exchange);
    }
    expect(differences).toEqual([]);
  });

  test.each(flows)('$heading', async (flow) => {
    await lms.reset();
    expect(await replayFlow(lms, flow)).toEqual([]);
    walked.push(flow);
  });

  test('every scene of a sign-on is that of a recorded one', () => {
    expect(SCENE_HEADINGS.filter((heading) => !flows.some((flow) => flow.heading === heading))).toEqual([]);
  });

  test('every entry of the table of what is left out is of use', () => {
    expect(LEFT_OUT.filter((entry) => !all.some((exchange) => matchesLeftOut(entry, exchange)))).toEqual([]);
  });

  test('most of what is recorded is replayed', () => {
    expect(replayed.length).toBeGreaterThanOrEqual(LEAST_REPLAYED);
  });

  test('no route of the sandbox that was recorded goes without a replay', () => {
    const [recorded, tried] = [pathsOf(all, flows), pathsOf(replayed, walked)];
    const isIn = (paths: readonly string[]) => (route: RegExp) => paths.some((path) => route.test(path));
    expect(lms.sandbox.routes.filter(isIn(recorded)).filter((route) => !isIn(tried)(route))).toEqual([]);
  });
});
