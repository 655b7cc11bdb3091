/**
 * What an event tells its own aggregate and nobody else: personal data and secrets.
 *
 * `evolve` reads it from memory and the table mapping writes it to the aggregate's own rows. It stands under a symbol,
 * so no JSON has it: not the outbox, not the stream, not a log line. A replay from stored events is without it, which
 * is right: views and other contexts must not have it, and erasure has one place to go to.
 */
export const withheld: unique symbol = Symbol('withheld');

/** An event together with what is kept back from everybody else. */
export type With<Event, Kept> = Event & { readonly [withheld]: Kept };
