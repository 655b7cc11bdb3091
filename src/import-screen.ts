/** How an import looks in a terminal: one line that is drawn over itself, and what is left at the end. */
import { createLogUpdate } from 'log-update';

export interface Progress {
  readonly status: string;
  readonly received: number;
  readonly done: number;
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly refused: number;
  readonly version: number;
  readonly links: { readonly events: string; readonly report: string };
}
export interface Screen {
  show(line: string): void;
  done(lines: readonly string[]): void;
}

/** A terminal shows every step; a file or a pipe gets the end only. */
export const screenOf = (out: NodeJS.WriteStream): Screen => {
  const update = createLogUpdate(out);
  return {
    show: (line) => void (out.isTTY && update(line)),
    done: (lines) => {
      if (out.isTTY) update.clear();
      out.write(`${lines.join('\n')}\n`);
    },
  };
};

const WIDTH = 30;
const bar = (share: number): string => {
  const full = Math.round(WIDTH * share);
  return '█'.repeat(full) + '░'.repeat(WIDTH - full);
};
const number = (value: number): string => Math.round(value).toLocaleString('en');

/** `milliseconds` since the rows began to be worked through; absent: it is over. */
export const progressLine = (progress: Progress, milliseconds?: number): string => {
  const { received, done, status } = progress;
  const counts = (['created', 'updated', 'unchanged', 'refused'] as const).map(
    (name) => `${number(progress[name])} ${name}`,
  );
  const pace = milliseconds ? `, ${number((done * 1_000) / milliseconds)} rows/s` : '';
  const head =
    milliseconds === undefined
      ? status
      : `${bar(received === 0 ? 0 : done / received)} ${number(done)}/${number(received)}`;
  return `${head}: ${counts.join(', ')}${pace}`;
};
