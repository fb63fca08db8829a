import { type Answer, json } from '../lms/http/answer.js';
import type { Call } from '../lms/http/call.js';
import { RequestLog } from '../lms/http/request-log.js';
import type { ControlPlane } from '../lms/http/serve.js';
import type { Site } from '../lms/http/site.js';
import type { Lms } from '../lms/lms.js';
import { InvalidLever } from './invalid-lever.js';
import { type ControlOptions, type Lever, levers } from './levers.js';

/** The levers under `/_sandbox` of one server: what tests, demos and people drive the sandbox with. */
export function controlPlane(lms: Lms, site: Site, options: ControlOptions): ControlPlane {
  const requests = new RequestLog(lms.state, site.requests);
  const all = levers(lms, site, requests, options);
  return {
    requests,
    async handle(call) {
      try {
        // A page of some other site must not be able to pull levers through a visitor's browser.
        if (call.header('sec-fetch-site') === 'cross-site')
          return json({ error: 'Levers are not for other sites.' }, 403);
        return await pull(all, call);
      } catch (error) {
        if (error instanceof InvalidLever) return json({ error: error.message }, 400);
        return json({ error: error instanceof Error ? error.message : String(error) }, 500);
      }
    },
  };
}

async function pull(all: readonly Lever[], call: Call): Promise<Answer> {
  const here = all.filter((lever) => lever.path === call.path.replace(/(?<=.)\/$/, ''));
  const lever = here.find(({ method }) => method === (call.method === 'HEAD' ? 'GET' : call.method));
  if (lever) return lever.pull(call);
  if (here.length > 0)
    return json({ error: `Use ${here.map(({ method }) => method).join(' or ')}.` }, 405, [
      ['Allow', here.map(({ method }) => method).join(', ')],
    ]);
  return json({ error: 'No such lever.', levers: all.map(({ method, path }) => `${method} ${path}`) }, 404);
}
