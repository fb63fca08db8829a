/** A browser without a screen: one cookie jar per host name, redirects followed by hand. */
export class Browser {
  readonly #jars = new Map<string, Map<string, string>>();
  /** The addresses that were visited. */
  readonly visited: string[] = [];

  cookie(url: string, name: string): string | undefined {
    return this.#jar(url).get(name);
  }

  /** One request; sets and sends cookies, follows nothing. */
  async request(url: string, init: RequestInit = {}): Promise<Response> {
    this.visited.push(url);
    const cookie = [...this.#jar(url)].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(url, {
      ...init,
      redirect: 'manual',
      headers: { accept: 'text/html,*/*', ...init.headers, ...(cookie ? { cookie } : {}) },
    });
    for (const line of answer.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      const [name, value] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)];
      if (/Max-Age=0/.test(line)) this.#jar(url).delete(name);
      else this.#jar(url).set(name, value);
    }
    return answer;
  }

  /** Goes to an address and on to where it leads. */
  async go(url: string): Promise<{ url: string; status: number; text: string }> {
    let at = url;
    for (let hop = 0; hop < 12; hop++) {
      const answer = await this.request(at);
      const location = answer.headers.get('location');
      if (location === null) return { url: at, status: answer.status, text: await answer.text() };
      await answer.body?.cancel();
      at = new URL(location, at).href;
    }
    throw new Error('too many redirects');
  }

  // Cookies do not know ports.
  #jar(url: string): Map<string, string> {
    const host = new URL(url).hostname;
    const jar = this.#jars.get(host) ?? new Map<string, string>();
    this.#jars.set(host, jar);
    return jar;
  }
}
