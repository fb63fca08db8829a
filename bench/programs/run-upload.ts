import { beginUpload, lookAt, type ProgramSchool, writesOf } from '../../test/support/program-school.js';
import { type Memory, readIdleMb, readResidentMb } from '../repair/watch-process.js';

export interface UploadReport {
  rows: number;
  failed: number;
  /** From the acceptance of the file to the last stored result. */
  seconds: number;
  /** Of them until the first row was settled: the rows are stored and looked through before any is sent. */
  loadSeconds: number;
  calls: number;
  /** Members of the bodies of those calls. */
  rowsSent: number;
  worker: Memory;
}

const lookMs = 100;

/** Has the running worker write a file, as the mutation does, and watches. */
export async function runUpload(
  school: ProgramSchool,
  rows: number,
  tell: (line: string) => void,
): Promise<UploadReport> {
  const { halves } = school;
  const idleMb = await readIdleMb(halves.pidOf('worker'));
  const callsBefore = (await writesOf(school)).length;
  const id = await beginUpload(school, rows);
  const begunAt = performance.now();
  let [peakMb, loadSeconds, toldAt] = [0, 0, begunAt];
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, lookMs));
    peakMb = Math.max(peakMb, readResidentMb(halves.pidOf('worker')) ?? 0);
    const { done, failed, state, finishedAt } = await lookAt(school, id);
    const seconds = (performance.now() - begunAt) / 1000;
    if (loadSeconds === 0 && done > 0) loadSeconds = seconds;
    if (performance.now() - toldAt > 10_000) {
      toldAt = performance.now();
      tell(`  ${done} rows after ${seconds.toFixed(0)} s, worker at ${peakMb.toFixed(0)} MB`);
    }
    if (finishedAt == null) continue;
    if (state !== 'SUCCEEDED') throw new Error(`the upload ended as ${state}`);
    const calls = (await writesOf(school)).slice(callsBefore);
    const rowsSent = calls.reduce((sum, call) => sum + (call.rows ?? 0), 0);
    return { rows: done, failed, seconds, loadSeconds, calls: calls.length, rowsSent, worker: { idleMb, peakMb } };
  }
}
