/** Metrics on a listener of their own, so that the public one never shows them. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Admission } from './admission.ts';
import type { Gate } from './gate.ts';
import { type Listening, type ListenOptions, listen } from './listen.ts';

const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** `observe` for the application: `http_server_request_duration_seconds` by method, route and status. */
export const httpMetrics = (registry: Registry) => {
  const duration = new Histogram({
    name: 'http_server_request_duration_seconds',
    help: 'Time until the reply was ready',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: BUCKETS,
    registers: [registry],
  });
  return (method: string, route: string, status: number, seconds: number): void =>
    duration.observe({ method, route, status }, seconds);
};

/** `count` for the admission: who was sent away, and what is in flight. */
export const admissionMetrics = (registry: Registry, gates: Readonly<Record<string, Gate>>): Admission['count'] => {
  const counter = (name: string, help: string) =>
    new Counter({ name, help, labelNames: ['by'], registers: [registry] });
  const counters = {
    limited: counter('tradewind_http_limited_total', 'Requests answered 429, by limit'),
    shed: counter('tradewind_http_shed_total', 'Requests answered 503 because too many were in flight, by route class'),
  };
  new Gauge({
    name: 'tradewind_http_in_flight',
    help: 'Requests in work, and open event streams',
    labelNames: ['kind'],
    registers: [registry],
    collect() {
      for (const [kind, gate] of Object.entries(gates)) this.set({ kind }, gate.inFlight);
    },
  });
  return (what, by) => counters[what].inc({ by });
};

export const opsListener = (registry: Registry, options: ListenOptions): Promise<Listening> =>
  listen((req, res) => {
    if (req.method !== 'GET' || req.url !== '/metrics') {
      res.writeHead(404).end();
      return;
    }
    registry.metrics().then(
      (text) => res.writeHead(200, { 'content-type': registry.contentType }).end(text),
      () => res.writeHead(500).end(),
    );
  }, options);
