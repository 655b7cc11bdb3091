/** What the edge reads. Every reader stands on views or on its own context's rows; none of them decides anything. */

/** How far the views have come. */
export interface Views {
  /** True once every named context's position is visible, or false after `within` milliseconds. */
  reached(positions: Readonly<Record<string, number>>, within: number): Promise<boolean>;
}
