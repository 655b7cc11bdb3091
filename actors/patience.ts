/** What may fail because something is away is tried until it is there. */
import { setTimeout as pause } from 'node:timers/promises';

/** Milliseconds between two tries. */
const BETWEEN = 500;

export interface Patience {
  /** Is the failure of a kind that passes by itself? */
  readonly passes: (error: unknown) => boolean;
  readonly stopped: () => boolean;
  /** Told of every try that failed so. */
  readonly failed?: (error: unknown) => void;
}

/** Until `step` has been done; it must bear to be begun again. Any other failure is the caller's, and so is one after the stop. */
export const patiently = async (
  step: () => Promise<unknown>,
  { passes, stopped, failed }: Patience,
  between = BETWEEN,
): Promise<void> => {
  for (;;) {
    try {
      await step();
      return;
    } catch (error) {
      if (!passes(error) || stopped()) throw error;
      failed?.(error);
    }
    await pause(between);
  }
};
