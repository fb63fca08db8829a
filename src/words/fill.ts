/** What goes into the places of a text: a number, a word, or sentences that follow each other. */
export type FillValues = Readonly<Record<string, string | number | readonly string[]>>;

/** A text with places, and what goes into them. */
export interface Wording {
  text: string;
  values: FillValues;
}

/** Puts values in the places of a text that have their names, e.g. `{count}`. */
export function fill(text: string, values: FillValues = {}): string {
  return text.replaceAll(/\{(\w+)\}/g, (place, name: string) => {
    const value = values[name];
    return typeof value === 'object' ? value.join(' ') : String(value ?? place);
  });
}
