/** Metrics on a listener of their own, so that the public one never shows them. */
import { Histogram, type Registry } from 'prom-client';
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
