/** argon2id, bounded: hashing is slow by intent, and the thread pool is shared with everything else. */
import { hash, verify } from '@node-rs/argon2';
import pLimit from 'p-limit';
import { type Passwords, TooManyHashes } from '../../actors/ports/identity.ts';

export interface PasswordOptions {
  /** Hashes at once. */
  readonly concurrency?: number;
  /** Callers that may wait; more are turned away. */
  readonly waiting?: number;
  /** KiB and passes; OWASP's recommendation by default. Smaller only in tests. */
  readonly memoryCost?: number;
  readonly timeCost?: number;
}

/** `hash` and `verify` throw `TooManyHashes` when the queue is full. */
export const passwords = (options: PasswordOptions = {}): Passwords => {
  const { concurrency = 2, waiting = 200, memoryCost = 19_456, timeCost = 2 } = options;
  const cost = { memoryCost, timeCost, parallelism: 1 };
  const limit = pLimit(concurrency);
  const bounded = <T>(work: () => Promise<T>): Promise<T> => {
    if (limit.pendingCount >= waiting) throw new TooManyHashes('too many passwords wait to be hashed');
    return limit(work);
  };
  // Verified for addresses that nobody has, so that an answer takes as long as for a wrong password.
  const decoy = hash('nobody has this password', cost);
  return {
    hash: async (password) => bounded(() => hash(password, cost)),
    verify: async (known, password) =>
      bounded(async () => {
        const right = await verify(known ?? (await decoy), password).catch(() => false);
        return right && known !== undefined;
      }),
  };
};
