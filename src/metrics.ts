/** Prometheus metrics of the runtime, read from the registry when somebody asks: counting costs nothing in between. */
import { collectDefaultMetrics, Gauge, Registry as Metrics } from 'prom-client';
import type { NodeReport, Registry } from '../actors/registry.ts';

interface Figure {
  readonly name: string;
  readonly help: string;
  readonly of: (report: NodeReport) => unknown;
}

const detail = (name: string) => (report: NodeReport) => report.detail?.[name];

const lastRunOf = (report: NodeReport) => {
  const at = report.detail?.lastRun;
  return typeof at === 'string' ? Date.parse(at) / 1000 : undefined;
};

/** Figures by the kind of node they belong to; the node's path is the label. */
const FIGURES: Readonly<Record<string, readonly Figure[]>> = {
  region: [
    { name: 'tradewind_actor_active', help: 'Instances in memory', of: ({ active }) => active },
    {
      name: 'tradewind_actor_passivated_total',
      help: 'Instances that left memory',
      of: ({ passivated }) => passivated,
    },
    { name: 'tradewind_actor_mailbox_depth', help: 'Messages without an answer', of: ({ inbox }) => inbox },
    { name: 'tradewind_actor_messages_total', help: 'Messages decided', of: ({ processed }) => processed },
    { name: 'tradewind_actor_busy_milliseconds_total', help: 'Time spent deciding', of: ({ busy }) => busy },
    { name: 'tradewind_actor_restarts_total', help: 'Crashes', of: ({ restarts }) => restarts },
  ],
  journal: [
    { name: 'tradewind_journal_depth', help: 'Units that wait for a commit', of: ({ inbox }) => inbox },
    { name: 'tradewind_journal_commits_total', help: 'Transactions', of: detail('commits') },
    { name: 'tradewind_journal_units_total', help: 'Changes in them', of: detail('units') },
    { name: 'tradewind_journal_events_total', help: 'Events in them', of: detail('events') },
    { name: 'tradewind_journal_failures_total', help: 'Failed attempts', of: detail('failures') },
    {
      name: 'tradewind_journal_unknown_total',
      help: 'Commits whose outcome had to be found out',
      of: detail('unknown'),
    },
    { name: 'tradewind_journal_busy_milliseconds_total', help: 'Time in transactions', of: detail('busy') },
  ],
  relay: [
    { name: 'tradewind_outbox_lag', help: 'Committed events that are not published', of: ({ inbox }) => inbox },
    { name: 'tradewind_outbox_published', help: 'Position of the last published event', of: detail('published') },
  ],
  consumer: [
    { name: 'tradewind_consumer_lag', help: 'Published events that are not applied', of: ({ inbox }) => inbox },
    { name: 'tradewind_consumer_events_total', help: 'Events applied', of: ({ processed }) => processed },
  ],
  feed: [
    { name: 'tradewind_feed_events_total', help: 'Events that the stream brought', of: ({ processed }) => processed },
    { name: 'tradewind_feed_kept', help: 'Of them those that somebody has not applied yet', of: ({ inbox }) => inbox },
  ],
  saga: [{ name: 'tradewind_saga_open', help: 'Flows that are not over', of: ({ active }) => active }],
  outcalls: [
    { name: 'tradewind_outcall_depth', help: 'Calls that wait or run', of: ({ inbox }) => inbox },
    { name: 'tradewind_outcall_calls_total', help: 'Calls made', of: detail('calls') },
    {
      name: 'tradewind_outcall_questions_total',
      help: 'Providers asked what became of a call',
      of: detail('questions'),
    },
    { name: 'tradewind_webhooks_handled_total', help: 'Notices of a provider handled', of: detail('handled') },
    { name: 'tradewind_webhooks_parked_total', help: 'Notices that nobody could take', of: detail('parked') },
    {
      name: 'tradewind_webhook_lag_milliseconds',
      help: 'From the arrival of the last notice until it was handled',
      of: detail('lag'),
    },
    { name: 'tradewind_outcall_failures_total', help: 'Calls that failed and are tried again', of: detail('failures') },
  ],
  gateway: [
    { name: 'tradewind_gateway_open', help: '1: its circuit breaker lets nothing through', of: detail('open') },
    { name: 'tradewind_gateway_calls_total', help: 'Calls to a payment provider', of: detail('calls') },
    { name: 'tradewind_gateway_failures_total', help: 'Calls that it did not answer', of: detail('failures') },
    { name: 'tradewind_gateway_shed_total', help: 'Calls that were not made, for it is away', of: detail('shed') },
    { name: 'tradewind_gateway_opened_total', help: 'Times that its breaker opened', of: detail('opened') },
    { name: 'tradewind_gateway_authorised_total', help: 'Authorisations granted', of: detail('authorised') },
    { name: 'tradewind_gateway_captures_total', help: 'Captures that it made', of: detail('captures') },
    {
      name: 'tradewind_gateway_capture_delay_milliseconds_total',
      help: 'From the decision to capture until it was captured, all in all',
      of: detail('captureDelay'),
    },
    { name: 'tradewind_gateway_declined_total', help: 'Authorisations declined', of: detail('declined') },
  ],
  job: [
    { name: 'tradewind_job_done_total', help: 'Things a job has done', of: ({ processed }) => processed },
    { name: 'tradewind_job_last_run_seconds', help: 'When it ended well last, since 1970', of: lastRunOf },
  ],
  reconciliation: [
    {
      name: 'tradewind_reconciliation_open_cases',
      help: 'Differences that nobody has settled',
      of: ({ inbox }) => inbox,
    },
    {
      name: 'tradewind_reconciliation_oldest_case_milliseconds',
      help: 'Since when the oldest of them is known',
      of: ({ oldest }) => oldest,
    },
  ],
};

export const createMetrics = (registry: Registry): Metrics => {
  const metrics = new Metrics();
  collectDefaultMetrics({ register: metrics });
  for (const [kind, figures] of Object.entries(FIGURES))
    for (const figure of figures) gauge(metrics, registry, kind, figure);
  return metrics;
};

const gauge = (metrics: Metrics, registry: Registry, kind: string, { name, help, of }: Figure): void => {
  new Gauge({
    name,
    help,
    labelNames: ['path'],
    registers: [metrics],
    collect() {
      for (const report of registry.reports()) {
        const value = report.kind === kind ? of(report) : undefined;
        if (typeof value === 'number') this.set({ path: report.path }, value);
      }
    },
  });
};
