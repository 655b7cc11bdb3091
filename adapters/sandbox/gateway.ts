/** A payment provider in the house: the default without keys, and a real adapter with books, delays and webhooks of its own. */
import { createHash } from 'node:crypto';
import {
  type Authorisation,
  type Cancellation,
  type Gateway,
  type GatewayAbilities,
  type GatewayCall,
  type GatewayQuestion,
  GatewayTrouble,
  type Period,
  type ReferredCall,
} from '../../actors/ports/gateway.ts';
import type { GatewayResult } from '../../contracts/payments.ts';
import type { Books, DisputeRow, WebhookRow } from './books.ts';
import { type Charge, failure, mannerOf, OPERATIONS, type Operation, standing } from './charge.ts';
import { Counter, type Decided } from './counter.ts';
import { disputesOf, methodsOf, movementsOf, transfersOf } from './desks.ts';
import { toNotice, type WebhookSender } from './webhooks.ts';

export interface SandboxOptions {
  readonly books: Books;
  readonly webhooks: WebhookSender;
  /** The page on which the buyer answers the 3-D Secure challenge. */
  readonly challengeUrl: (reference: string) => string;
}

const referenceOf = (key: string): string => `sbx_${createHash('sha256').update(key).digest('base64url').slice(0, 24)}`;

/** A saved method of somebody else, or of nobody any more. */
const FOREIGN = { status: 'failed', code: 'invalid_token' } as const;

export class SandboxGateway implements Gateway {
  readonly name = 'sandbox';
  readonly can: GatewayAbilities = { captureParts: true, cancel: 'voids', pays: 'token' };
  readonly methods;
  readonly transfers;
  readonly disputes;
  readonly #options: SandboxOptions;
  readonly #outages = new Map<string, number>();
  /** References of charges that will be disputed once they are captured. */
  readonly #disputed = new Set<string>();
  readonly #counter: Counter;

  constructor(options: SandboxOptions) {
    this.#options = options;
    this.#counter = new Counter(options);
    this.methods = methodsOf(options.books);
    this.transfers = transfersOf(options.books);
    this.disputes = disputesOf(options.books);
  }

  async authorise(call: Authorisation): Promise<GatewayResult> {
    const manner = mannerOf(call.token);
    this.#maybeOutage(call.key, manner.outages ?? 0);
    const isForeign = call.customer !== undefined && !(await this.#keeps(call.customer, call.token));
    const result = await this.#counter.enter(
      call.key,
      call.key,
      (found) => this.#authorise(call, found, isForeign),
      true,
    );
    if (manner.timesOut) throw new GatewayTrouble('no answer from the provider', { effect: 'unknown', why: 'away' });
    return result;
  }

  async capture(call: ReferredCall): Promise<GatewayResult> {
    const result = await this.#operate('capture', call, call.reference);
    if (result.outcome === 'succeeded') await this.#maybeDispute(call);
    return result;
  }

  cancel(call: Cancellation): Promise<GatewayResult> {
    return this.#operate('cancel', call, call.authorisationKey);
  }

  refund(call: ReferredCall): Promise<GatewayResult> {
    return this.#operate('refund', call, call.reference);
  }

  async find({ key }: Pick<GatewayQuestion, 'key'>): Promise<GatewayResult | undefined> {
    const [operation] = await this.#options.books.operations([key]);
    if (operation) return operation.outcome;
    const charge = (await this.#options.books.charges([key])).find((each) => each.key === key);
    return charge && standing(charge, this.#options.challengeUrl);
  }

  movements(period: Period) {
    return movementsOf(this.#options.books, period);
  }

  async *missed(since: string) {
    for (const body of await this.#options.books.overdue(since)) yield toNotice(body);
  }

  /** Closes a dispute as a bank would; undefined: there is none that is open. */
  async closeDispute(reference: string, won: boolean): Promise<string | undefined> {
    const closed = await this.#options.books.closeDispute(reference, won);
    if (closed) await this.#tellOfDispute(closed, 'dispute.closed');
    return closed?.reference;
  }

  /** The buyer's answer on the challenge page. Undefined: there is no such charge; an answer given before stays. */
  async answerChallenge(reference: string, approve: boolean): Promise<Charge | undefined> {
    const [charge] = await this.#options.books.charges([reference]);
    if (!charge) return undefined;
    await this.#counter.enter(charge.key, charge.key, (found) => this.#answer(found!, approve));
    return (await this.#options.books.charges([reference]))[0];
  }

  #maybeOutage(key: string, outages: number): void {
    const before = this.#outages.get(key) ?? 0;
    if (before >= outages) return;
    this.#outages.set(key, before + 1);
    throw new GatewayTrouble('the provider answers 503', { effect: 'nothing', why: 'away' });
  }

  /** Test tokens only: who pays with others is not asked about. */
  async #maybeDispute({ reference }: ReferredCall): Promise<void> {
    if (!this.#disputed.has(reference)) return;
    this.#disputed.delete(reference);
    const opened = await this.#options.books.openDispute(reference, 'fraudulent');
    if (opened) await this.#tellOfDispute(opened, 'dispute.opened');
  }

  async #tellOfDispute({ reference, charge, paymentId }: DisputeRow, type: string): Promise<void> {
    const id = `evt_${reference}_${type.split('.')[1]}`;
    const body = JSON.stringify({ id, type, payment_id: paymentId, reference: charge, subject: reference });
    await this.#options.books.write([{ webhooks: [{ id: `${id}.0`, body, delay: 0 }] }]);
    this.#options.webhooks.send({ id: `${id}.0`, body, delay: 0 });
  }

  async #keeps(customer: string, token: string): Promise<boolean> {
    return (await this.methods.list(customer)).some((method) => method.token === token);
  }

  #authorise(call: Authorisation, found: Charge | undefined, isForeign: boolean): Decided {
    if (found) return { entry: { webhooks: [] }, result: standing(found, this.#options.challengeUrl) };
    const { key, paymentId, amount, currency, token, returnUrl } = call;
    const { status, code } = isForeign ? FOREIGN : mannerOf(token);
    const charge: Charge = {
      key,
      reference: referenceOf(key),
      paymentId,
      token,
      amount,
      currency,
      status,
      code,
      captured: 0,
      refunded: 0,
      returnUrl,
      version: 1,
    };
    return {
      entry: { charge, webhooks: this.#webhooks(charge, `charge.${status}`, key) },
      result: standing(charge, this.#options.challengeUrl),
    };
  }

  #answer(charge: Charge, approve: boolean): Decided {
    const result = standing(charge, this.#options.challengeUrl);
    if (charge.status !== 'requires-action') return { entry: { webhooks: [] }, result };
    const answered = approve
      ? ({ ...charge, status: 'authorised', version: charge.version + 1 } as const)
      : ({ ...charge, status: 'failed', code: 'authentication_failed', version: charge.version + 1 } as const);
    const webhooks = this.#webhooks(answered, `charge.${answered.status}`, charge.key);
    return { entry: { charge: answered, webhooks }, result: standing(answered, this.#options.challengeUrl) };
  }

  async #operate(kind: Operation, call: GatewayCall, chargeKey: string): Promise<GatewayResult> {
    return this.#counter.enter(call.key, chargeKey, (found) => this.#decide(kind, call, chargeKey, found));
  }

  #decide(
    kind: Operation,
    { key, paymentId, amount, currency }: GatewayCall,
    chargeKey: string,
    found: Charge | undefined,
  ): Decided {
    if (!found && kind !== 'cancel') return { entry: { webhooks: [] }, result: failure('not_authorised') };
    // Cancelling what never came leaves a tombstone: the authorisation that it overtook is refused.
    const known: Charge = found ?? {
      key: chargeKey,
      reference: referenceOf(chargeKey),
      paymentId,
      token: '',
      amount,
      currency,
      status: 'cancelled',
      code: 'cancelled',
      captured: 0,
      refunded: 0,
      version: 0,
    };
    const { charge, result } = OPERATIONS[kind](known, amount);
    if (kind === 'capture' && mannerOf(known.token).disputed) this.#disputed.add(known.reference);
    const moved = charge !== known || known.version === 0 ? { ...charge, version: known.version + 1 } : undefined;
    const webhooks = moved ? this.#webhooks(moved, `charge.${kind}`, key) : [];
    const operation = { key, kind, reference: known.reference, paymentId, amount, currency, outcome: result };
    return { entry: { charge: moved, operation, webhooks }, result };
  }

  #webhooks(charge: Charge, type: string, key: string): WebhookRow[] {
    const { webhookCopies = 1, webhookDelay = 0 } = mannerOf(charge.token);
    const id = `evt_${charge.reference.slice(4)}_${charge.version}`;
    const body = JSON.stringify({
      id,
      type,
      payment_id: charge.paymentId,
      reference: charge.reference,
      key,
      status: charge.status,
    });
    return Array.from({ length: webhookCopies }, (_, copy) => ({ id: `${id}.${copy}`, body, delay: webhookDelay }));
  }
}
