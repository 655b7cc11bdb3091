import { run } from './run.ts';

await run(async () => (await import('./wiring.ts')).startApp, process.env);
