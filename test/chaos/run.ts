/** `npm run chaos -- --kills 200 --seed 1 [--buyers 12] [--faults 12] [--aims trade] [--json file] [--quiet]`; exit code 1 on violations. */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { experiment } from './experiment.ts';
import { show, summary } from './report.ts';
import { STAGES, TRADE } from './stages.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    buyers: { type: 'string', default: '12' },
    /** Kills between two faults of the broker or the database; 0: none. */
    faults: { type: 'string', default: '12' },
    /** Milliseconds that buyers have to pay. */
    deadline: { type: 'string', default: '6000' },
    /** `trade`: only at the stages of flash sales and imports. */
    aims: { type: 'string', default: 'all' },
    json: { type: 'string' },
    /** Everything, to look into a violation. */
    evidence: { type: 'string' },
    quiet: { type: 'boolean', default: false },
  },
});

const result = await experiment({
  kills: Number(values.kills),
  seed: Number(values.seed),
  buyers: Number(values.buyers),
  faultEvery: Number(values.faults),
  deadline: Number(values.deadline),
  aims: values.aims === 'trade' ? TRADE : STAGES,
  say: values.quiet ? () => undefined : (line) => console.log(line),
});
console.log(show(result));
const json = JSON.stringify({ ...summary(result), found: result.violations });
if (values.json) writeFileSync(values.json, json);
else console.log(json);
if (values.evidence) {
  const { evidence, prints, kills } = result;
  writeFileSync(values.evidence, JSON.stringify({ evidence, prints, kills }));
}
process.exitCode = result.violations.length > 0 ? 1 : 0;
