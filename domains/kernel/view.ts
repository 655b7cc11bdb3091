/** The shape of every read model: rows by key, folded from events. Disposable: drop them, replay, and they are the same. */

/** An event as a projector sees it: the payload with its name, and where it stands in its context's log. */
export interface Recorded<Event> {
  readonly event: Event;
  /** `<aggregate type>/<key>` */
  readonly aggregate: string;
  /** 1, 2, 3, ... within the aggregate. */
  readonly sequence: number;
  /** 1, 2, 3, ... within the context. */
  readonly position: number;
  readonly at: string;
}

export interface View<Row, Event> {
  /** The key of the row that the event changes; undefined: the view does not care. */
  keyOf(event: Event): string | undefined;
  /** The row after the event; `row` is undefined while there is none. */
  project(row: Row | undefined, recorded: Recorded<Event>): Row;
}
