// How much an instance costs in memory: run with --expose-gc; prints bytes per active and per passivated instance.
import { setTimeout as pause } from 'node:timers/promises';
import { receive, startStock } from '../kit/stock.ts';

const [url = '', count = '20000'] = process.argv.slice(2);
const instances = Number(count);
const used = async (): Promise<number> => {
  await pause(200);
  globalThis.gc!();
  await pause(50);
  globalThis.gc!();
  return process.memoryUsage().heapUsed;
};
const stock = await startStock(url, { nodeId: 'memory', shard: 'memory', region: { idleAfter: 4_000 } });
const some = async (from: number, to: number) => {
  for (let at = from; at < to; at += 1_000)
    await Promise.all(Array.from({ length: 1_000 }, (_, i) => stock.ask(`M-${at + i}`, receive(5))));
};
await some(instances, instances + 1_000);
while (stock.region.active > 0) await pause(100);
const before = await used();
await some(0, instances);
const active = await used();
const alive = stock.region.active;
while (stock.region.active > 0) await pause(100);
const passivated = await used();
console.log(
  JSON.stringify({ active: (active - before) / alive, passivated: (passivated - before) / instances, alive }),
);
await stock.engine.stop();
