/** A payment provider in memory, with books of its own: as forgetful, slow and unordered as real ones may be. */
import type { GatewayResult, PaymentEvent } from '../../contracts/payments.ts';

export type Call = Extract<PaymentEvent, { type: 'AttemptStarted' }>;
/** What the provider is in the mood for. */
export type Mood = 'grants' | 'declines' | 'challenges';

interface Account {
  money: 'none' | 'challenged' | 'held' | 'voided' | 'gone' | 'taken';
  captured: number;
  refunded: number;
  captures: number;
  challenge?: Call;
}

const granted = ({ amount, currency, paymentId }: Call): GatewayResult => ({
  outcome: 'succeeded',
  reference: `ref-${paymentId}`,
  amount,
  currency,
  fee: Math.min(amount, 30),
});
const declined = (code: string): GatewayResult => ({ outcome: 'failed', code, message: code });
const challenge = ({ paymentId }: Call): GatewayResult => ({
  outcome: 'requires-action',
  reference: `ref-${paymentId}`,
  nextAction: { type: 'redirect', url: `https://bank.example/${paymentId}` },
});

export const createProvider = () => {
  const accounts = new Map<string, Account>();
  const answers = new Map<string, GatewayResult>();
  const accountOf = (paymentId: string): Account => {
    const known = accounts.get(paymentId) ?? { money: 'none', captured: 0, refunded: 0, captures: 0 };
    accounts.set(paymentId, known);
    return known;
  };

  const authorise = (account: Account, call: Call, mood: Mood): GatewayResult => {
    if (mood === 'declines') return declined('card_declined');
    account.money = mood === 'grants' ? 'held' : 'challenged';
    if (mood === 'grants') return granted(call);
    account.challenge = call;
    return challenge(call);
  };
  const capture = (account: Account, call: Call, mood: Mood): GatewayResult => {
    // A refused capture may leave the authorisation standing, or not.
    if (mood === 'challenges' && account.money === 'held') account.money = 'gone';
    if (account.money !== 'held' || mood === 'declines') return declined('capture_refused');
    Object.assign(account, { money: 'taken', captured: call.amount, captures: account.captures + 1 });
    return granted(call);
  };
  const cancel = (account: Account, call: Call): GatewayResult => {
    if (account.money === 'held' || account.money === 'challenged') account.money = 'voided';
    account.challenge = undefined;
    return granted(call);
  };
  const refund = (account: Account, call: Call): GatewayResult => {
    account.refunded += call.amount;
    return granted(call);
  };
  const KINDS = { authorise, capture, cancel, refund } as const;

  return {
    accountOf,
    /** The same attempt gets the same answer and has one effect. */
    call: (call: Call, mood: Mood): GatewayResult => {
      const answer = answers.get(call.attemptId) ?? KINDS[call.kind](accountOf(call.paymentId), call, mood);
      answers.set(call.attemptId, answer);
      return answer;
    },
    /** The buyer comes back from the bank, or does not pass. Undefined: there is no challenge any more. */
    answerChallenge: (paymentId: string, passes: boolean): { call: Call; result: GatewayResult } | undefined => {
      const account = accountOf(paymentId);
      const { challenge: call } = account;
      if (call === undefined) return undefined;
      account.challenge = undefined;
      account.money = passes ? 'held' : 'none';
      return { call, result: passes ? granted(call) : declined('challenge_failed') };
    },
  };
};
