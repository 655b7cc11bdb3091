/** The whole experiment: servers, shop, load, kills, rest, judgement. */
import { setTimeout as pause } from 'node:timers/promises';
import { afterwards } from './afterwards.ts';
import type { Watch } from './aim.ts';
import type { App } from './app.ts';
import { check } from './checker.ts';
import { collect } from './evidence.ts';
import { FAULT_NAMES, type FaultName, inflict } from './faults.ts';
import { type Field, openField, testimonyOf } from './field.ts';
import { Load } from './load.ts';
import { allEnded, happened, settle } from './quiet.ts';
import { type Chance, chance } from './random.ts';
import { type Evidence, type Violation, violation } from './rows.ts';
import { AIMS, openStages, RARE, type Stage } from './stages.ts';

export interface Plan {
  readonly kills: number;
  readonly seed: number;
  readonly buyers: number;
  /** Kills between two faults of a server; 0: none. */
  readonly faultEvery: number;
  /** Milliseconds that buyers have to pay. */
  readonly deadline: number;
  /** Of the largest file that is imported. */
  readonly mostRows: number;
  /** What kills are aimed at, beside any time and the inside of a commit. */
  readonly aims: readonly Stage[];
  /** SQL of one truth: the load goes on after the last kill until enough of everything has happened, a minute at most. */
  readonly enough?: string;
  readonly say: (line: string) => void;
}
export interface Kill {
  readonly aim: Stage | 'any time' | 'inside a commit';
  readonly commit?: string;
  /** The commit that was waited for came. */
  readonly hit: boolean;
  /** Open checkouts by stage, when the process was dead. */
  readonly stages: Readonly<Record<string, number>>;
  /** Milliseconds until the next life was ready. */
  readonly recovered: number;
}
export interface FaultDone {
  readonly name: FaultName;
  readonly recovered?: number;
}
export interface Result {
  readonly plan: Omit<Plan, 'say'>;
  readonly kills: readonly Kill[];
  readonly faults: readonly FaultDone[];
  readonly evidence: Evidence;
  readonly violations: readonly Violation[];
  readonly settling: Awaited<ReturnType<typeof settle>>;
  /** Milliseconds under load. */
  readonly lasted: number;
  readonly prints: readonly string[];
}

const REST_WITHIN = 90_000;

/** The stage that was aimed at least often so far. */
const nextAim = (aims: readonly Stage[], kills: readonly Kill[], luck: Chance): Kill['aim'] => {
  if (luck.happens(0.3)) return luck.pick(['any time', 'inside a commit']);
  const count = (stage: Stage) => kills.filter(({ aim, hit }) => aim === stage && hit).length;
  const fewest = Math.min(...aims.map(count));
  return luck.pick(aims.filter((stage) => count(stage) === fewest));
};

/** Waits for the moment. */
const take = (aim: Stage, watch: Watch, luck: Chance) => {
  const commit = luck.pick<string>(AIMS[aim]);
  return { commit, hit: watch.nth(commit, 1 + luck.below(RARE.has(commit) ? 2 : 10), 4_000) };
};

/** The commit ends after the death of who sent it, before or after the next life has begun. */
const killInsideCommit = async ({ app, watch }: Field, luck: Chance): Promise<void> => {
  await pause(luck.below(800));
  const thaw = await watch.freeze();
  await pause(10 + luck.below(50));
  await app.kill();
  setTimeout(() => void thaw(), luck.below(1_200));
};

const killOnce = async (field: Field, aim: Kill['aim'], luck: Chance): Promise<Kill> => {
  const { app, watch, places } = field;
  const aimed = aim === 'any time' || aim === 'inside a commit' ? undefined : take(aim, watch, luck);
  if (aim === 'any time') await pause(luck.below(1_500));
  const hit = (await aimed?.hit) ?? true;
  await (aim === 'inside a commit' ? killInsideCommit(field, luck) : app.kill());
  const stages = await openStages(places.databaseUrl);
  await app.start();
  return { aim, commit: aimed?.commit, hit, stages, recovered: app.starts.at(-1)! };
};

const strike = async (plan: Plan, field: Field, luck: Chance) => {
  const kills: Kill[] = [];
  const faults: FaultDone[] = [];
  for (let n = 1; n <= plan.kills; n += 1) {
    const kill = await killOnce(field, nextAim(plan.aims, kills, luck), luck);
    kills.push(kill);
    plan.say(
      `kill ${n}: ${kill.commit ?? kill.aim}${kill.hit ? '' : ' (did not come)'}, ${JSON.stringify(kill.stages)}`,
    );
    if (plan.faultEvery === 0 || n % plan.faultEvery !== 0) continue;
    const name = FAULT_NAMES[faults.length % FAULT_NAMES.length]!;
    await pause(300 + luck.below(700));
    const recovered = await inflict(name, field.servers, 200 + luck.below(1_500), field.app.url);
    faults.push({ name, recovered });
    plan.say(`${name}: ready after ${recovered?.toFixed(0)} ms`);
    await pause(luck.below(700));
  }
  return { kills, faults };
};

/** What is wrong beside the data: it died by itself, or it did not come to rest. */
const troubles = (app: App, { left }: Result['settling'], faults: readonly FaultDone[]): Violation[] => [
  ...app.deaths.map((print, i) => violation('the process lives', i + 1, print)),
  ...Object.entries(left).map(([what, n]) => violation('all comes to rest', what, `${n}`)),
  ...faults.flatMap(({ name, recovered }) =>
    recovered === undefined ? [violation('recovery without a restart', name, 'not ready after 30 s')] : [],
  ),
];

/** Load and kills, until everybody has had enough. */
const rage = async (plan: Plan, field: Field) => {
  const luck = chance(plan.seed);
  const load = new Load({ ...field, chance: luck.fork('load'), deadline: plan.deadline, mostRows: plan.mostRows });
  const begin = performance.now();
  load.start();
  const struck = await strike(plan, field, luck.fork('kills'));
  if (plan.enough) await happened(field.places.databaseUrl, plan.enough);
  await load.stop();
  return { ...struck, lasted: performance.now() - begin };
};

/** One more life, in which all must come to rest. */
const calm = async ({ app, places: { databaseUrl } }: Field): Promise<Result['settling']> => {
  await allEnded(databaseUrl, REST_WITHIN);
  await app.kill();
  await app.start();
  return settle(databaseUrl, REST_WITHIN);
};

export const experiment = async ({ say, ...asked }: Plan): Promise<Result> => {
  const field = await openField({ ...asked, sellers: 3, wares: 2 });
  const { app, places } = field;
  try {
    const raged = await rage({ say, ...asked }, field);
    const closed = await afterwards(field);
    const settling = await calm(field);
    const evidence = await collect(places, testimonyOf(field));
    await app.stop();
    const violations = [...troubles(app, settling, raged.faults), ...closed, ...check(evidence)];
    return { plan: asked, ...raged, evidence, violations, settling, prints: app.prints };
  } finally {
    await field.close();
  }
};
