import { readFileSync } from 'node:fs';

/** Resident memory of a process, in MB: before the work, and the most while it went on. */
export interface Memory {
  idleMb: number;
  peakMb: number;
}

/** @returns `undefined` for a process that is gone */
export function readResidentMb(pid: number | undefined): number | undefined {
  if (pid === undefined) return undefined;
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) / 1024;
  } catch {
    return undefined;
  }
}

/** The mean over a while in which nothing is asked of it. */
export async function readIdleMb(pid: number | undefined, seconds = 5): Promise<number> {
  const seen: number[] = [];
  for (let left = seconds * 4; left > 0; left -= 1) {
    const now = readResidentMb(pid);
    if (now !== undefined) seen.push(now);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  return seen.reduce((sum, mb) => sum + mb, 0) / Math.max(1, seen.length);
}
