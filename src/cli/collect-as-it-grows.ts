import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const lookMs = 500;
const growthBytes = 32 * 1024 * 1024;

/**
 * Has garbage be collected whenever 32 MB more are in use than after the last time. Left to itself the engine lets its heap grow to more
 * than twice what is in use before it collects all of it, and gives little of that back.
 */
export function collectAsItGrows(): Disposable {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  let floorBytes = process.memoryUsage().heapUsed;
  const timer = setInterval(() => {
    const { heapUsed } = process.memoryUsage();
    floorBytes = Math.min(floorBytes, heapUsed);
    if (typeof collect !== 'function' || heapUsed - floorBytes < growthBytes) return;
    collect();
    floorBytes = process.memoryUsage().heapUsed;
  }, lookMs).unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
