/** What is told at the end: a table for people, JSON for whatever comes after. */
import { mkdirSync, writeFileSync } from 'node:fs';
import type { Comparison } from './streams.ts';

export type Cell = string | number;
export const round = (value: number): number => (value >= 100 ? Math.round(value) : Math.round(value * 100) / 100);

export interface Report {
  /** A row of the table of figures. */
  row(figure: string, value: number, baseline?: number, ratio?: number, wanted?: string): void;
  /** A table of its own, printed below. */
  table(title: string, rows: readonly Readonly<Record<string, Cell>>[]): void;
  /** Goes into the JSON. */
  keep(name: string, value: unknown): void;
  /** How many outboxes are equal to their streams. */
  compared(what: string, streams: readonly Comparison[]): void;
  print(): void;
}

export const openReport = (): Report => {
  const kept: Record<string, unknown> = { at: new Date().toISOString() };
  const figures: Record<string, Cell>[] = [];
  const tables: [string, readonly Readonly<Record<string, Cell>>[]][] = [];
  const cell = (value: number | undefined): Cell => (value === undefined ? '' : round(value));
  const row: Report['row'] = (figure, value, baseline, ratio, wanted = '') =>
    void figures.push({ figure, value: round(value), baseline: cell(baseline), ratio: cell(ratio), wanted });
  return {
    row,
    table: (title, rows) => void tables.push([title, rows]),
    keep: (name, value) => {
      kept[name] = value;
    },
    compared: (what, streams) => {
      const equal = streams.filter((each) => each.equal).length;
      row(`  ${what}: outboxes equal to their streams`, equal, streams.length, undefined, `= ${streams.length}`);
    },
    print: () => {
      console.table(figures);
      for (const [title, rows] of tables) {
        console.log(`\n${title}`);
        console.table(rows);
      }
      mkdirSync('bench-results', { recursive: true });
      const file = `bench-results/${String(kept.at).replace(/[:.]/g, '-')}.json`;
      writeFileSync(file, `${JSON.stringify(kept, null, 2)}\n`);
      console.log(`written to ${file}`);
    },
  };
};
