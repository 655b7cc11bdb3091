// A process with an engine of its own on somebody else's database: `node writer.child.ts <url> <shard> <commands>`.
// Says that it is ready, waits for a word, writes as fast as it can, and prints how many of its commands were accepted.
import { once } from 'node:events';
import { receive, reserve, startStock } from '../kit/stock.ts';

const [url, shard, commands] = process.argv.slice(2) as [string, string, string];
const stock = await startStock(url, { shard, nodeId: `node-${shard}` });
console.log('ready');
await once(process.stdin, 'data');
const answers = [];
for (let i = 0; i < Number(commands); i += 1) {
  const sku = `${shard}-${i % 5}`;
  answers.push(stock.ask(sku, i % 2 ? receive(1) : reserve(`${shard}-r${i}`)));
  if (i % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
}
const accepted = (await Promise.all(answers)).filter(({ kind }) => kind === 'accepted').length;
await stock.engine.stop();
console.log(accepted);
process.stdin.destroy();
