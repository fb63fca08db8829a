/** One change of one table, as it stands in the journal. */
export type Operation =
  | readonly [table: string, act: 'set', key: string, row: unknown]
  | readonly [table: string, act: 'delete', key: string]
  | readonly [table: string, act: 'clear'];

/** Rows grouped by a derived key, kept current by the table that made it. Groups keep the order of insertion. */
export class Index<T> {
  readonly #groups = new Map<string, Map<string, T>>();

  constructor(private readonly groupsOf: (row: T) => readonly string[]) {}

  /** The rows of one group, in the order in which they were inserted. */
  of(group: string): T[] {
    return [...(this.#groups.get(group)?.values() ?? [])];
  }

  /** The first row of a group: for indexes that are unique in practice. */
  one(group: string): T | undefined {
    return this.#groups.get(group)?.values().next().value;
  }

  /** How many rows a group has. */
  count(group: string): number {
    return this.#groups.get(group)?.size ?? 0;
  }

  /** @internal Called by the owning table only. */
  replace(key: string, before: T | undefined, after: T | undefined): void {
    const newGroups = after === undefined ? [] : this.groupsOf(after);
    for (const group of before === undefined ? [] : this.groupsOf(before)) {
      if (newGroups.includes(group)) continue;
      const rows = this.#groups.get(group);
      rows?.delete(key);
      if (rows?.size === 0) this.#groups.delete(group);
    }
    if (after === undefined) return;
    for (const group of newGroups) {
      const rows = this.#groups.get(group) ?? new Map<string, T>();
      rows.set(key, after);
      this.#groups.set(group, rows);
    }
  }

  /** @internal */
  clear(): void {
    this.#groups.clear();
  }
}

/**
 * A keyed collection whose every change is in the journal before the call returns.
 * Rows are values: to change one, `set` a new object under its key; never mutate what `get` returned.
 */
export class Table<T> {
  readonly #rows = new Map<string, T>();
  readonly #indexes: Index<T>[] = [];
  #version = 0;

  constructor(
    readonly name: string,
    private readonly record: (operation: Operation, undo: () => void) => void,
  ) {}

  /** Changes whenever the table does: what was computed from its rows is good for as long as this stays. */
  get version(): number {
    return this.#version;
  }

  get size(): number {
    return this.#rows.size;
  }

  get(key: string): T | undefined {
    return this.#rows.get(key);
  }

  has(key: string): boolean {
    return this.#rows.has(key);
  }

  values(): MapIterator<T> {
    return this.#rows.values();
  }

  entries(): MapIterator<[string, T]> {
    return this.#rows.entries();
  }

  set(key: string, row: T): void {
    const before = this.#rows.get(key);
    this.record([this.name, 'set', key, row], () => this.#put(key, before));
    this.#put(key, row);
  }

  delete(key: string): boolean {
    const before = this.#rows.get(key);
    if (before === undefined) return false;
    this.record([this.name, 'delete', key], () => this.#put(key, before));
    this.#put(key, undefined);
    return true;
  }

  clear(): void {
    const before = [...this.#rows];
    this.record([this.name, 'clear'], () => {
      for (const [key, row] of before) this.#put(key, row);
    });
    this.#empty();
  }

  /** Adds a secondary index; rows that are already here are in it. `groupsOf` must be pure. */
  index(groupsOf: (row: T) => readonly string[]): Index<T> {
    const index = new Index(groupsOf);
    for (const [key, row] of this.#rows) index.replace(key, undefined, row);
    this.#indexes.push(index);
    return index;
  }

  /** Applies an operation that was read from the journal, without writing it again. */
  replay(operation: Operation): void {
    if (operation[1] === 'clear') this.#empty();
    else if (operation[1] === 'delete') this.#put(operation[2], undefined);
    // The journal is written by this class only, so a row under this table's name has this table's type.
    else this.#put(operation[2], operation[3] as T);
  }

  #put(key: string, row: T | undefined): void {
    this.#version += 1;
    const before = this.#rows.get(key);
    if (row === undefined) this.#rows.delete(key);
    else this.#rows.set(key, row);
    for (const index of this.#indexes) index.replace(key, before, row);
  }

  #empty(): void {
    this.#version += 1;
    this.#rows.clear();
    for (const index of this.#indexes) index.clear();
  }
}
