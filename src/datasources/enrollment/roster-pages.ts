import { LRUCache } from 'lru-cache';
import type { ReadCache } from '../read-cache.js';
import type { RosterPage, RosterPageKey } from './roster-page.js';

/** Course runs whose pages are remembered. */
const maxCourses = 2_000;

/** Remembers which pages of a course run were read, so that a change in the run outdates them all. */
export class RosterPages {
  readonly #read = new LRUCache<string, Map<string, RosterPageKey>>({ max: maxCourses });

  note(key: RosterPageKey): void {
    const pages = this.#read.get(key.courseKey) ?? new Map<string, RosterPageKey>();
    this.#read.set(key.courseKey, pages.set(key.cursor ?? '', key));
  }

  /** Has every page of the run be read again at its next use. */
  invalidate(courseKey: string, cache: Pick<ReadCache<RosterPageKey, RosterPage>, 'invalidate'>): void {
    for (const key of this.#read.get(courseKey)?.values() ?? []) cache.invalidate(key);
    this.#read.delete(courseKey);
  }
}
