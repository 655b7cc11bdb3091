/**
 * Charges as this process wrote them last, so that most calls need no look into the books. What it knows may be old: only
 * what fails then may rest on it, a move from the charge's version.
 */
import type { Charge } from './charge.ts';

const KEPT = 10_000;

export class RecentCharges {
  readonly #byKey = new Map<string, Charge>();
  readonly #keys = new Map<string, string>();

  /** By the key of the authorisation or by the provider's own reference. */
  find(name: string): Charge | undefined {
    return this.#byKey.get(this.#keys.get(name) ?? name);
  }

  remember(charge: Charge): void {
    this.forget(charge.key);
    this.#byKey.set(charge.key, charge);
    this.#keys.set(charge.reference, charge.key);
    if (this.#byKey.size > KEPT) this.forget(this.#byKey.keys().next().value!);
  }

  forget(name: string): void {
    const charge = this.find(name);
    if (!charge) return;
    this.#byKey.delete(charge.key);
    this.#keys.delete(charge.reference);
  }
}
