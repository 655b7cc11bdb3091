/** The application with one guard taken out, named by BENCH_WITHOUT; without it, as it is. */
import { run } from '../../src/run.ts';
import { type GuardName, TAKE_OUT } from './guards.ts';

// Who measures may end in an error; nobody else would end this process then.
process.once('disconnect', () => process.exit());

const without = process.env.BENCH_WITHOUT;
if (without) TAKE_OUT[without as GuardName]();

await run(async () => (await import('../../src/wiring.ts')).startApp, process.env);
