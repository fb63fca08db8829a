import type { Table } from './table.js';

/** All rows of a table in an order, sorted again only when the table has changed: a scan of it comes by a page at a time. */
export class Ordered<T> {
  #rows: readonly T[] = [];
  #version = -1;

  constructor(
    private readonly table: Table<T>,
    readonly compare: (left: T, right: T) => number,
  ) {}

  get rows(): readonly T[] {
    if (this.#version !== this.table.version) {
      this.#rows = [...this.table.values()].sort(this.compare);
      this.#version = this.table.version;
    }
    return this.#rows;
  }
}
