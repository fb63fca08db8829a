import type { Fault, FaultMode, ScriptedMode } from '../lms/rows.js';
import { InvalidLever } from './invalid-lever.js';

/** What goes wrong by itself. */
export const FAULT_MODES: readonly FaultMode[] = [
  'down',
  'refused',
  'slow',
  'hang',
  'reset',
  'html500',
  'throttle',
  'forbidden',
  'truncate',
  'wrong-json',
  'wrong-types',
  'foreign-next',
  'endless',
  'stale',
  'lost-answer',
  'costs',
];

const ALL_MODES: readonly (FaultMode | ScriptedMode)[] = [...FAULT_MODES, 'hold', 'answer'];

/** @throws InvalidLever naming what is wrong with which fault */
export function readFaults(body: unknown): Fault[] {
  if (!Array.isArray(body))
    throw new InvalidLever('Send a list of {"match", "method"?, "mode", "times"?, "ms"?, "status"?, "body"?}.');
  return body.map((each: unknown, at) => readFault(each, at));
}

function readFault(value: unknown, at: number): Fault {
  const fault: Record<string, unknown> = value !== null && typeof value === 'object' ? { ...value } : {};
  const { match, method = null, mode, times = null, ms = null, status, body } = fault;
  const where = `Fault ${at + 1}`;
  if (typeof match !== 'string' || match === '')
    throw new InvalidLever(`${where}: "match" is a path, with * for any run of characters.`);
  if (method !== null && typeof method !== 'string') throw new InvalidLever(`${where}: "method" is an HTTP method.`);
  const known = ALL_MODES.find((each) => each === mode);
  if (known === undefined) throw new InvalidLever(`${where}: "mode" is one of ${ALL_MODES.join(', ')}.`);
  if (times !== null && !(typeof times === 'number' && Number.isInteger(times) && times > 0))
    throw new InvalidLever(`${where}: "times" is a whole number from 1.`);
  if (ms !== null && !(typeof ms === 'number' && ms >= 0))
    throw new InvalidLever(`${where}: "ms" is a number of milliseconds.`);
  if (known !== 'answer') return { match, method, mode: known, times, ms };
  if (!(typeof status === 'number' && Number.isInteger(status) && status >= 200 && status <= 599))
    throw new InvalidLever(`${where}: "status" is a status of HTTP from 200.`);
  return { match, method, mode: known, times, ms, status, ...(body !== undefined && { body }) };
}

/** A fault as the levers show it: what was not given is left out. */
export function showFault({ match, method, mode, times, ms, status, body }: Fault): Record<string, unknown> {
  return {
    match,
    ...(method === null ? {} : { method }),
    mode,
    ...(times === null ? {} : { times }),
    ...(ms === null ? {} : { ms }),
    ...(status === undefined ? {} : { status }),
    ...(body === undefined ? {} : { body }),
  };
}
