/** Who looks at instances as they change: for server-sent events. */
export class Watchers<State> {
  readonly #byKey = new Map<string, Set<(state: State) => void>>();

  /** Every durable state of one instance as it comes; returns the way to stop. */
  watch(key: string, watcher: (state: State) => void): () => void {
    const watchers = this.#byKey.get(key) ?? new Set();
    this.#byKey.set(key, watchers.add(watcher));
    return () => {
      watchers.delete(watcher);
      if (watchers.size === 0 && this.#byKey.get(key) === watchers) this.#byKey.delete(key);
    };
  }

  tell(key: string, state: State): void {
    for (const watcher of this.#byKey.get(key) ?? []) watcher(state);
  }

  get count(): number {
    let count = 0;
    for (const watchers of this.#byKey.values()) count += watchers.size;
    return count;
  }
}
