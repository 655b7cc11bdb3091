/** What changes while somebody looks at it: told as server-sent events, or waited for. */
import type { Reply, Request, ServerSentEvent } from './routes.ts';

/** States of one thing newer than the version `after`, the present one first; ends when no more will come, or quietly with the signal. */
export type Watch<Row> = (after: number, signal: AbortSignal) => AsyncIterable<Row>;

const ALL = -1;
const versionIn = (lastEventId: string | undefined): number =>
  lastEventId !== undefined && /^\d{1,15}$/.test(lastEventId) ? Number(lastEventId) : ALL;

async function* eventsOf<Row>(rows: AsyncIterable<Row>, tell: (row: Row) => ServerSentEvent) {
  for await (const row of rows) yield tell(row);
}

/** One event per state; `Last-Event-ID` goes on where it was. `tell` puts the version into the event's id. */
export const streamed = <Row>(
  watch: Watch<Row>,
  { lastEventId, signal }: Pick<Request, 'lastEventId' | 'signal'>,
  tell: (row: Row) => ServerSentEvent,
): Reply => ({ stream: eventsOf(watch(versionIn(lastEventId), signal()), tell) });

const TIME_IS_UP = new Error('the wait is over');
/** A signal that aborts after `seconds`, or with `gone`; `done` lets go of the timer, of which there may be thousands. */
const within = (seconds: number, gone: AbortSignal) => {
  const controller = new AbortController();
  const stop = () => controller.abort(gone.reason ?? TIME_IS_UP);
  const timer = setTimeout(stop, seconds * 1000);
  gone.addEventListener('abort', stop, { once: true });
  if (gone.aborted) stop();
  return { signal: controller.signal, done: () => clearTimeout(timer) };
};

/** The first state that is enough, or the last one within `seconds`; undefined: there was none. */
export const awaited = async <Row>(
  watch: Watch<Row>,
  isEnough: (row: Row) => boolean,
  seconds: number,
  gone: AbortSignal,
): Promise<Row | undefined> => {
  const { signal, done } = within(seconds, gone);
  let last: Row | undefined;
  try {
    for await (const row of watch(ALL, signal)) {
      last = row;
      if (isEnough(row)) break;
    }
  } finally {
    done();
  }
  return last;
};
