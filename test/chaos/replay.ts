/** Flash sales as their events tell them, one event after the other: counted anew, without the rules that made them. */
import type { FlashSaleEvent } from '../../contracts/flashsales.ts';
import { eventsOf } from './decoded.ts';
import { type Evidence, sumOf } from './rows.ts';

export interface ToldClaim {
  readonly buyerId: string | null;
  readonly quantity: number;
  status: 'held' | 'sold' | 'released' | 'expired';
}
/** How a sale stands after an event; the next event changes it. */
export interface Stand {
  readonly saleId: string;
  readonly sku: string;
  readonly allocation: number;
  startsAt: string;
  endsAt: string;
  cancelledAt?: string;
  most: number;
  granted: boolean;
  readonly claims: Map<string, ToldClaim>;
  /** How often each kind of event came. */
  readonly counts: Map<string, number>;
}
export interface Moment {
  readonly event: FlashSaleEvent;
  readonly stand: Stand;
}
type Scheduled = Extract<FlashSaleEvent, { type: 'FlashSaleScheduled' }>;

export const unitsOf = ({ claims }: Stand, ...statuses: readonly string[]): number =>
  sumOf(
    [...claims.values()].filter(({ status }) => statuses.includes(status)),
    ({ quantity }) => quantity,
  );
export const takenBy = ({ claims }: Stand, buyerId: string): number =>
  sumOf(
    [...claims.values()].filter((one) => one.buyerId === buyerId && (one.status === 'held' || one.status === 'sold')),
    ({ quantity }) => quantity,
  );

const begin = ({ saleId, sku, allocation, startsAt, endsAt, maxPerBuyer: most }: Scheduled): Stand => {
  const terms = { saleId, sku, allocation, startsAt, endsAt, most };
  return { ...terms, granted: false, claims: new Map(), counts: new Map() };
};

const close = ({ claims }: Stand, claimId: string, status: ToldClaim['status']): void => {
  const claim = claims.get(claimId);
  if (claim) claim.status = status;
  else claims.set(claimId, { buyerId: null, quantity: 0, status });
};

const move = (stand: Stand, event: FlashSaleEvent): void => {
  stand.counts.set(event.type, (stand.counts.get(event.type) ?? 0) + 1);
  if (event.type === 'AllocationGranted') stand.granted = true;
  if (event.type === 'FlashSaleCancelled') stand.cancelledAt ??= event.at;
  if (event.type === 'ClaimConfirmed') close(stand, event.claimId, 'sold');
  if (event.type === 'AllocationReturned') close(stand, event.claimId, event.why);
  if (event.type === 'AllocationClaimed') {
    const { claimId, buyerId, quantity } = event;
    stand.claims.set(claimId, { buyerId, quantity, status: 'held' });
  }
  if (event.type === 'FlashSaleChanged') {
    const { startsAt, endsAt, maxPerBuyer: most } = event;
    Object.assign(stand, { startsAt, endsAt, most });
  }
};

/** Every event with the sale as it stands after it; at the end `stands` has how each sale ended. */
export function* replay({ logs }: Evidence, stands = new Map<string, Stand>()): Generator<Moment> {
  for (const event of eventsOf<FlashSaleEvent>('flashsales', logs.flashsales!)) {
    const { saleId } = event;
    if (event.type === 'FlashSaleScheduled' && !stands.has(saleId)) stands.set(saleId, begin(event));
    const stand = stands.get(saleId);
    if (!stand) throw new Error(`${event.type} of ${saleId}, which was never scheduled`);
    move(stand, event);
    yield { event, stand };
  }
}

/** How every sale ended. */
export const lastStands = (evidence: Evidence): ReadonlyMap<string, Stand> => {
  const stands = new Map<string, Stand>();
  for (const _ of replay(evidence, stands));
  return stands;
};
