import type { EntityManager } from '@mikro-orm/postgresql';
import { OperationEntity } from '../../src/entities/operation.entity.js';
import { systemActor } from '../../src/services/actor.js';
import { beginOperation } from '../../src/services/operation/begin.js';
import type { OperationInputs } from '../../src/services/operation/inputs.js';
import type { Halves, HalvesPart } from '../../test/support/halves.js';
import { readResidentMb } from '../repair/watch-process.js';

export interface ExportReport {
  operationId: string;
  grades: number;
  seconds: number;
  /** Of the worker. */
  peakMb: number;
}

export interface DownloadReport {
  bytes: number;
  lines: number;
  seconds: number;
  /** Of the web process. */
  peakMb: number;
}

const lookMs = 50;

/** Has the running worker write an export, as the mutation does, and watches its memory. */
export async function runExport(
  halves: Halves,
  em: EntityManager,
  input: OperationInputs['EXPORT_GRADES'],
): Promise<ExportReport> {
  const begunAt = performance.now();
  const definition = { isJoined: true, run: async () => undefined };
  const { id } = await em
    .fork()
    .transactional((tx) =>
      beginOperation(tx, 'EXPORT_GRADES', definition, input, { actor: systemActor, now: new Date() }),
    );
  const watched = watch(halves, 'worker');
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 4 * lookMs));
    const { finishedAt, summary, state } = await em.fork().findOneOrFail(OperationEntity, { id });
    if (finishedAt == null) continue;
    if (state !== 'SUCCEEDED') throw new Error(`the export ended as ${state}`);
    const seconds = (performance.now() - begunAt) / 1000;
    return { operationId: id, grades: Number(summary?.grades), seconds, peakMb: watched.end() };
  }
}

/** Downloads a file, and holds nothing of it. */
export async function download(halves: Halves, url: string): Promise<DownloadReport> {
  const begunAt = performance.now();
  const watched = watch(halves, 'web');
  const answer = await fetch(url);
  if (!answer.ok || !answer.body) throw new Error(`the download was answered with ${answer.status}`);
  let [bytes, lines] = [0, 0];
  for await (const chunk of answer.body) {
    bytes += chunk.byteLength;
    for (const byte of chunk) if (byte === 0x0a) lines += 1;
  }
  return { bytes, lines, seconds: (performance.now() - begunAt) / 1000, peakMb: watched.end() };
}

function watch(halves: Halves, part: Exclude<HalvesPart, 'postgres'>): { end(): number } {
  let peakMb = 0;
  const look = () => {
    peakMb = Math.max(peakMb, readResidentMb(halves.pidOf(part)) ?? 0);
  };
  const timer = setInterval(look, lookMs);
  return {
    end() {
      clearInterval(timer);
      look();
      return peakMb;
    },
  };
}
