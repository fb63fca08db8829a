import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const lookMs = 2_000;
const growthBytes = 64 * 1024 * 1024;

/**
 * Has garbage be collected whenever the process has grown by 64 MB. Left to itself the engine lets its heap grow to more than twice what
 * is in use before it collects all of it, and gives little of that back.
 */
export function collectAsItGrows(): Disposable {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  let floorBytes = process.memoryUsage.rss();
  const timer = setInterval(() => {
    const nowBytes = process.memoryUsage.rss();
    floorBytes = Math.min(floorBytes, nowBytes);
    if (typeof collect !== 'function' || nowBytes - floorBytes < growthBytes) return;
    collect();
    floorBytes = process.memoryUsage.rss();
  }, lookMs).unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
