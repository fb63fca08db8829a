/** JSON as the editor left it: containers may end early, and strings may stand for what was cut. */
export type ShortenedJson =
  | { readonly kind: 'object'; readonly entries: ReadonlyMap<string, ShortenedJson>; readonly isCut: boolean }
  | { readonly kind: 'array'; readonly items: readonly ShortenedJson[]; readonly isCut: boolean }
  | { readonly kind: 'value'; readonly value: string | number | boolean | null };

/** @throws Error when the text is no JSON, up to where it was cut with `…` */
export function parseShortenedJson(text: string): ShortenedJson {
  return new Reader(text).read();
}

/** The kinds of thing that end the reading of a cut text: nothing after them is complete. */
class CutShort extends Error {}

class Reader {
  #at = 0;

  constructor(private readonly text: string) {}

  read(): ShortenedJson {
    const node = this.#node();
    this.#skipSpace();
    if (this.#at < this.text.length && !this.#isCut())
      throw new Error(`Unexpected ${this.text.slice(this.#at, this.#at + 40)}`);
    return node;
  }

  #node(): ShortenedJson {
    this.#skipSpace();
    switch (this.text[this.#at]) {
      case '{':
        return this.#object();
      case '[':
        return this.#array();
      default:
        return { kind: 'value', value: this.#scalar() };
    }
  }

  #object(): ShortenedJson {
    const entries = new Map<string, ShortenedJson>();
    const isCut = this.#container('}', () => {
      const key = this.#scalar();
      if (typeof key !== 'string') throw new Error(`A key must be a string, not ${key}`);
      this.#skipSpace();
      if (this.text[this.#at] !== ':') throw new CutShort();
      this.#at += 1;
      entries.set(key, this.#node());
    });
    return { kind: 'object', entries, isCut };
  }

  #array(): ShortenedJson {
    const items: ShortenedJson[] = [];
    const isCut = this.#container(']', () => {
      items.push(this.#node());
    });
    return { kind: 'array', items, isCut };
  }

  /** Reads members up to `end`. @returns whether some may be missing */
  #container(end: string, member: () => void): boolean {
    this.#at += 1;
    for (;;) {
      this.#skipSpace();
      if (this.text[this.#at] === ',') {
        this.#at += 1;
        this.#skipSpace();
      }
      if (this.text[this.#at] === end) {
        this.#at += 1;
        return false;
      }
      if (this.#isCut()) {
        // `…}` leaves members out and goes on after the container; any other cut ends the text.
        const closes = this.text
          .slice(this.#at + 1)
          .trimStart()
          .startsWith(end);
        this.#at = closes ? this.text.indexOf(end, this.#at) + 1 : this.text.length;
        return true;
      }
      try {
        member();
      } catch (error) {
        if (!(error instanceof CutShort)) throw error;
        this.#at = this.text.length;
        return true;
      }
    }
  }

  #scalar(): string | number | boolean | null {
    const rest = this.text.slice(this.#at);
    const whole = /^(?:"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/.exec(rest)?.[0];
    if (whole === undefined) {
      if (rest.startsWith('"') || rest === '' || rest.startsWith('…') || /^[a-z]*\s*…/.test(rest)) throw new CutShort();
      throw new Error(`No JSON: ${rest.slice(0, 60)}`);
    }
    // A string that runs into the editor's mark was cut, even if a later quote closes it.
    if (whole.startsWith('"') && whole.includes('\n')) throw new CutShort();
    this.#at += whole.length;
    return JSON.parse(whole) as string | number | boolean | null;
  }

  #isCut(): boolean {
    return this.#at >= this.text.length || this.text[this.#at] === '…';
  }

  #skipSpace(): void {
    while (/\s/.test(this.text[this.#at] ?? '')) this.#at += 1;
  }
}
