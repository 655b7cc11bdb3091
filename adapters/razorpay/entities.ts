/** As much of Razorpay's objects as is looked at; the SDK's types leave much of it out. Amounts in the smallest unit. */

/** An empty list when there are none. */
export type Notes = Readonly<Record<string, string>> | readonly [];
export const noteOf = (notes: Notes | undefined, name: string): string | undefined =>
  notes && !Array.isArray(notes) ? (notes as Readonly<Record<string, string>>)[name] : undefined;

/** Names of ours that Razorpay carries for us; `cancelled` is written to an order that must not be paid any more. */
export const OURS = { payment: 'payment_id', key: 'attempt_id', cancelled: 'cancelled' } as const;

export interface Order {
  readonly id: string;
  readonly amount: number;
  readonly currency: string;
  readonly receipt?: string;
  readonly status: 'created' | 'attempted' | 'paid';
  readonly notes?: Notes;
}
export interface Payment {
  readonly id: string;
  readonly order_id?: string | null;
  readonly amount: number;
  readonly currency: string;
  readonly status: 'created' | 'authorized' | 'captured' | 'refunded' | 'failed';
  readonly fee?: number | null;
}
export interface Refund {
  readonly id: string;
  readonly amount: number;
  readonly currency: string;
  readonly receipt?: string | null;
  readonly status: 'pending' | 'processed' | 'failed';
}
export interface Transfer {
  readonly id: string;
  readonly amount: number;
  readonly currency: string;
  readonly notes?: Notes;
}
export interface DisputeEntity {
  readonly id: string;
  readonly payment_id: string;
  readonly amount: number;
  /** Nothing, until it is lost. */
  readonly amount_deducted: number;
  readonly currency: string;
  readonly reason_code: string;
  readonly status: 'open' | 'under_review' | 'won' | 'lost' | 'closed';
  /** Seconds since 1970. */
  readonly respond_by?: number | null;
  readonly created_at: number;
}
/** A line of the settlement report. */
export interface ReconLine {
  readonly entity_id: string;
  readonly type: 'payment' | 'refund' | 'transfer' | 'reversal' | 'adjustment' | 'dispute';
  readonly debit: number;
  readonly credit: number;
  readonly amount: number;
  readonly currency: string;
  readonly created_at: number;
  readonly settled_at?: number | null;
  readonly payment_id?: string | null;
  readonly notes?: Notes;
}
export interface Listed<T> {
  readonly items: readonly T[];
}
