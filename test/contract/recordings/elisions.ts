/** A value that the editor shortened: `eR2tDu…<access token, 30 chars>`, or only `…`. */
const ELISION = /[\w|.-]*…(?:<[^>]*>)?/g;

/** Values of the day that the recordings show in full and that come back in later requests: states of sign-ons, cursors of lists. */
const VALUES_OF_THE_DAY = /(?<=state(?:=|%3D))[A-Za-z0-9]{32}|(?<=[?&]cursor=)[^&]+/g;

/**
 * Remembers what shortened values of the recording are in the replay: an answer's `access_token` is learned where the
 * recorded answer has one, and put into the later requests that name it.
 */
export class Elisions {
  readonly #known = new Map<string, string>();

  learn(recorded: string, actual: string): void {
    this.#known.set(recorded, actual);
  }

  /** The text with every known shortened value put back. @throws Error when one was never learned */
  fill(text: string): string {
    return text
      .replace(ELISION, (token) => {
        const value = this.#known.get(token);
        if (value === undefined) throw new Error(`Nothing is known about ${token}`);
        return value;
      })
      .replace(VALUES_OF_THE_DAY, (value) => this.#known.get(value) ?? value);
  }

  /** Whether a text says the same as its recorded form; learns what stands for shortened values. */
  matches(recorded: string, actual: string): boolean {
    const tokens: string[] = [];
    const blank = (pattern: RegExp, text: string): string =>
      text.replace(pattern, (token) => {
        tokens.push(token);
        return '\u0000';
      });
    const source = blank(new RegExp(`${ELISION.source}|${VALUES_OF_THE_DAY.source}`, 'g'), recorded)
      .replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
      .replaceAll('\u0000', '([^&\\s"]+)');
    const found = new RegExp(`^${source}$`, 's').exec(actual);
    if (found === null) return false;
    for (const [at, token] of tokens.entries()) {
      const value = found[at + 1] ?? '';
      if (!hasSaidLength(token, value)) return false;
      this.#known.set(token, value);
    }
    return true;
  }
}

/** Tokens and codes have the length that the editor noted; a JWT's depends on who it is for. */
function hasSaidLength(token: string, value: string): boolean {
  const [, what = '', length] = /<([^>]*?),? (\d+) chars>$/.exec(token) ?? [];
  return length === undefined || /JWT/.test(what) || token.startsWith('eyJ') || value.length === Number(length);
}

export function isShortened(text: string): boolean {
  return text.includes('…');
}
