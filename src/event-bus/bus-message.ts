/** An entry of a stream. */
export interface BusMessage {
  /** Stream, with its prefix. */
  topic: string;
  /** Of the entry in its stream, e.g. `1795407839148-2`. */
  entryId: string;
  /** As they were written: text, but for `event_data`. */
  fields: ReadonlyMap<string, Buffer>;
}
