import { describe, test } from '@jest/globals';
import type { Finding, ReconciliationEvent } from '../../contracts/reconciliation.ts';
import { reconciliationCase } from '../../domains/reconciliation/reconciliation-case.ts';
import { given } from '../kit/given.ts';

const noon = '2026-03-01T12:00:00.000Z';
const finding: Finding = {
  against: 'gateway/stripe',
  kind: 'missing-here',
  reference: 'txn_1',
  at: noon,
  currency: 'USD',
  theirs: -500,
  suggestion: { action: 'record-refund', text: 'Record it.' },
};
const rules = reconciliationCase('rec-1');
const about = { caseId: 'rec-1', against: 'gateway/stripe', kind: 'missing-here', at: noon } as const;
const raised: ReconciliationEvent = { type: 'CaseRaised', caseId: 'rec-1', finding, runId: 'run-1', at: noon };
const resolved: ReconciliationEvent = { type: 'CaseResolved', ...about, note: 'booked', by: 'op' };
const matched: ReconciliationEvent = { type: 'CaseMatched', ...about, runId: 'run-2' };
const raise = (more: Partial<Finding> = {}) =>
  ({ type: 'RaiseCase', finding: { ...finding, ...more }, runId: 'run-9' }) as const;
const resolve = { type: 'ResolveCase', note: 'booked', by: 'op' } as const;
const close = { type: 'CloseCase', runId: 'run-2' } as const;

describe('a case', () => {
  test('is raised once, however many runs find it', () => {
    given(rules).at(noon).when(raise()).thenEvents({ type: 'CaseRaised', finding, runId: 'run-9' });
    given(rules, raised).at(noon).when(raise()).thenNothing();
  });
  test('stays settled while its figures stay, and opens again with others', () => {
    given(rules, raised, resolved).at(noon).when(raise()).thenNothing();
    given(rules, raised, resolved)
      .at(noon)
      .when(raise({ theirs: -700 }))
      .thenEvents({ type: 'CaseRaised' });
  });
  test('that was gone and is found again is open again', () => {
    given(rules, raised, matched).at(noon).when(raise()).thenEvents({ type: 'CaseRaised' });
  });
  test('is settled by a person, once', () => {
    given(rules, raised).at(noon).when(resolve).thenEvents({ type: 'CaseResolved', note: 'booked', by: 'op' });
    given(rules, raised, resolved).at(noon).when(resolve).thenNothing();
    const another = { ...resolve, note: 'something else' };
    given(rules, raised, resolved).at(noon).when(another).thenRejects({ type: 'CaseNotOpen', status: 'resolved' });
    given(rules, raised, matched).at(noon).when(resolve).thenRejects({ type: 'CaseNotOpen', status: 'matched' });
    given(rules).at(noon).when(resolve).thenRejects({ type: 'UnknownCase', caseId: 'rec-1' });
  });
  test('is closed by a run that does not find it any more, unless somebody settled it', () => {
    given(rules, raised).at(noon).when(close).thenEvents({ type: 'CaseMatched', runId: 'run-2' });
    given(rules, raised, resolved).at(noon).when(close).thenNothing();
    given(rules, raised, matched).at(noon).when(close).thenNothing();
    given(rules).at(noon).when(close).thenRejects({ type: 'UnknownCase' });
  });
});
