import type { ActualAnswer } from './compare-answer.js';
import { cookieValue } from './compare-cookies.js';
import { Elisions } from './elisions.js';
import { headerOf, type ProviderCall } from './exchange.js';
import type { FlowHop, RecordedFlow } from './parse-flows.js';
import type { RecordedLms } from './recorded-lms.js';
import { sceneOf } from './sign-on-scenes.js';

/** How a sign-on begins where its recording leaves the first request out. */
const START = '/auth/login/ol-oauth2/?auth_entry=login&next=%2Fapi%2Fuser%2Fv1%2Fme';
/** Set on some answers and left out of the recordings' lists. */
const UNRECORDED_COOKIE = 'openedx-language-preference';

/** Walks one recorded sign-on with a browser of its own. @returns differences */
export async function replayFlow(lms: RecordedLms, flow: RecordedFlow): Promise<string[]> {
  const { signedIn } = sceneOf(flow.heading);
  const browser = new FlowBrowser(lms);
  if (signedIn !== undefined) browser.cookies.set('sessionid', await lms.session(signedIn));
  const differences: string[] = [];
  if (!flow.hops[0]?.target.startsWith('/auth/login/')) await browser.get(START);
  for (const hop of flow.hops) {
    lms.provider.expect(providerCalls(flow, hop), new Elisions());
    const answer = await browser.get(hop.target);
    const found = [...compareHop(hop, answer), ...lms.provider.takeDifferences()];
    differences.push(...found.map((difference) => `${flow.heading} › ${hop.target}: ${difference}`));
  }
  return differences;
}

class FlowBrowser {
  readonly cookies = new Map<string, string>();
  #state = '';

  constructor(private readonly lms: RecordedLms) {}

  async get(target: string): Promise<ActualAnswer> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await this.lms.send({
      method: 'GET',
      target: target.replaceAll(/(?<=state=)S(?=&|$)/g, this.#state),
      headers: cookie === '' ? [] : [['Cookie', cookie]],
      body: null,
    });
    for (const [name, line] of answer.headers) {
      if (name !== 'set-cookie') continue;
      const cookieName = line.slice(0, line.indexOf('='));
      if (/; Max-Age=0(;|$)/.test(line)) this.cookies.delete(cookieName);
      else this.cookies.set(cookieName, cookieValue(line));
    }
    this.#state = /[?&]state=([A-Za-z0-9]{32})/.exec(headerOf(answer.headers, 'location') ?? '')?.[1] ?? this.#state;
    return answer;
  }
}

/** The provider's part, with the answers that the lines show or the heading implies. */
function providerCalls({ heading }: RecordedFlow, hop: FlowHop): ProviderCall[] {
  const { person, token } = sceneOf(heading);
  return hop.providerCalls.map(({ method, path, status, body }) => {
    const implied = path === '/oauth2/token' ? token : person;
    const text = body ?? (typeof implied === 'string' ? implied : JSON.stringify(implied));
    return { request: { method, target: path, headers: [], body: null }, answer: { status, headers: [], body: text } };
  });
}

function compareHop(hop: FlowHop, answer: ActualAnswer): string[] {
  if (answer.status !== hop.status) return [`status ${hop.status} is recorded, not ${answer.status}`];
  const differences: string[] = [];
  const location = headerOf(answer.headers, 'location') ?? null;
  const cut = hop.location?.indexOf('…') ?? -1;
  const isThere = cut === -1 ? location === hop.location : location?.startsWith(hop.location?.slice(0, cut) ?? '');
  if (!isThere) differences.push(`Location ${hop.location} is recorded, not ${location}`);
  const type = headerOf(answer.headers, 'content-type');
  if (hop.isPage && !type?.startsWith('text/html')) differences.push(`a page is recorded, not ${type}`);
  if (hop.body !== null && JSON.stringify(JSON.parse(answer.body)) !== hop.body)
    differences.push(`${hop.body} is recorded, not ${answer.body}`);
  const [wanted, found] = [hop.sets.toSorted().join(', '), namesSet(answer).toSorted().join(', ')];
  if (wanted !== found) differences.push(`cookies ${wanted || 'none'} are recorded, not ${found || 'none'}`);
  return differences;
}

function namesSet({ headers }: ActualAnswer): string[] {
  return headers
    .filter(([name, line]) => name === 'set-cookie' && !/; Max-Age=0(;|$)/.test(line))
    .map(([, line]) => line.slice(0, line.indexOf('=')))
    .filter((name) => name !== UNRECORDED_COOKIE);
}
