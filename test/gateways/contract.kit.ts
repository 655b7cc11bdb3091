/** What every part of the contract does with a gateway: calls that follow each other, up to held or taken money. */
import { expect } from '@jest/globals';
import { type GatewayCall, type GatewayQuestion, GatewayTrouble } from '../../actors/ports/gateway.ts';
import type { GatewayResult } from '../../contracts/payments.ts';
import { fresh, type Harness } from './harness.ts';

export type Succeeded = Extract<GatewayResult, { outcome: 'succeeded' }>;
export type Kind = GatewayQuestion['kind'];
export type Kit = ReturnType<typeof kitOf>;

/** `at` is known once the tests run. */
export const kitOf = (at: () => Harness) => {
  /** The key of another call for the same payment. */
  const then = (call: GatewayCall, step: string): GatewayCall => ({
    ...call,
    key: call.key.replace('authorise', step),
  });
  const ask = (kind: Kind, call: GatewayCall, reference?: string) =>
    at().gateway.find({ ...call, kind, reference, authorisationKey: call.key.replace(/[^/]+$/, 'authorise') });
  const authorise = (call: GatewayCall, token = at().tokens.good) => at().gateway.authorise({ ...call, token });

  /** Held, whatever the buyer has to do for it. */
  const held = async (call = fresh(at()), token = at().tokens.good) => {
    const first = await authorise(call, token);
    if (first.outcome === 'requires-action') await at().act!(first, 'yes');
    const result = (first.outcome === 'requires-action' ? await ask('authorise', call, first.reference) : first)!;
    expect(result).toMatchObject({ outcome: 'succeeded', amount: call.amount, currency: at().currency });
    return { call, reference: (result as Succeeded).reference };
  };
  const taken = async (call = fresh(at()), token?: string) => {
    const { reference } = await held(call, token);
    const result = await at().gateway.capture({ ...then(call, 'capture'), reference });
    expect(result).toMatchObject({ outcome: 'succeeded', reference, amount: call.amount, currency: at().currency });
    return { call, reference, fee: (result as Succeeded).fee };
  };
  const troubled = async (call: Promise<unknown>): Promise<GatewayTrouble> => {
    const error = await call.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(GatewayTrouble);
    return error as GatewayTrouble;
  };

  return { at, then, ask, authorise, held, taken, troubled };
};
