/** The whole experiment: servers, shop, load, kills, rest, judgement. */
import { setTimeout as pause } from 'node:timers/promises';
import { startOwnNats, startOwnPostgres } from '../kit/servers.ts';
import { plantTriggers, Watch } from './aim.ts';
import { App } from './app.ts';
import { check } from './checker.ts';
import { Recorder } from './client.ts';
import { collect } from './evidence.ts';
import { FAULT_NAMES, type FaultName, inflict, type Servers } from './faults.ts';
import { Load } from './load.ts';
import { allEnded, settle } from './quiet.ts';
import { type Chance, chance } from './random.ts';
import { type Evidence, type Violation, violation } from './rows.ts';
import { openShop } from './shop.ts';
import { AIMS, openStages, STAGES, type Stage } from './stages.ts';

export interface Plan {
  readonly kills: number;
  readonly seed: number;
  readonly buyers: number;
  /** Kills between two faults of a server; 0: none. */
  readonly faultEvery: number;
  /** Milliseconds that buyers have to pay. */
  readonly deadline: number;
  readonly say: (line: string) => void;
}
export interface Kill {
  readonly aim: Stage | 'any time';
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

/** Milliseconds by which goods are held longer than buyers have to pay. */
const HOLD_BEYOND = 4_000;
const REST_WITHIN = 90_000;

/** The stage that was aimed at least often so far. */
const nextAim = (kills: readonly Kill[], luck: Chance): Kill['aim'] => {
  if (luck.happens(0.25)) return 'any time';
  const count = (stage: Stage) => kills.filter(({ aim, hit }) => aim === stage && hit).length;
  const fewest = Math.min(...STAGES.map(count));
  return luck.pick(STAGES.filter((stage) => count(stage) === fewest));
};

interface Field {
  readonly app: App;
  readonly watch: Watch;
  readonly databaseUrl: string;
}

const killOnce = async ({ app, watch, databaseUrl }: Field, aim: Kill['aim'], luck: Chance): Promise<Kill> => {
  const commit = aim === 'any time' ? undefined : luck.pick<string>(AIMS[aim]);
  const hit = commit ? await watch.nth(commit, 1 + luck.below(10), 4_000) : await pause(luck.below(1_500), true);
  await app.kill();
  const stages = await openStages(databaseUrl);
  await app.start();
  return { aim, commit, hit, stages, recovered: app.starts.at(-1)! };
};

const strike = async (plan: Plan, field: Field, servers: Servers, luck: Chance) => {
  const kills: Kill[] = [];
  const faults: FaultDone[] = [];
  for (let n = 1; n <= plan.kills; n += 1) {
    const kill = await killOnce(field, nextAim(kills, luck), luck);
    kills.push(kill);
    plan.say(
      `kill ${n}: ${kill.commit ?? 'any time'}${kill.hit ? '' : ' (did not come)'}, ${JSON.stringify(kill.stages)}`,
    );
    if (plan.faultEvery === 0 || n % plan.faultEvery !== 0) continue;
    const name = FAULT_NAMES[faults.length % FAULT_NAMES.length]!;
    await pause(300 + luck.below(700));
    const recovered = await inflict(name, servers, 200 + luck.below(1_500), field.app.url);
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

const perform = async (plan: Plan, servers: Servers, app: App): Promise<Result> => {
  const places = { databaseUrl: servers.postgres.url, natsUrl: servers.nats.url };
  const luck = chance(plan.seed);
  const recorder = new Recorder(app.url);
  const watch = new Watch(places.databaseUrl);
  await app.start();
  await plantTriggers(places.databaseUrl);
  const shop = await openShop(recorder, { buyers: plan.buyers, sellers: 3, wares: 2 });
  await watch.start();
  const load = new Load({ recorder, shop, chance: luck.fork('load'), deadline: plan.deadline });
  const begin = performance.now();
  load.start();
  const { kills, faults } = await strike(plan, { app, watch, ...places }, servers, luck.fork('kills'));
  await load.stop();
  const lasted = performance.now() - begin;
  await allEnded(places.databaseUrl, REST_WITHIN);
  await app.kill();
  await app.start();
  const settling = await settle(places.databaseUrl, REST_WITHIN);
  await Promise.all([watch.stop(), recorder.close()]);
  const evidence = await collect(places, recorder.history);
  const violations = [...troubles(app, settling, faults), ...check(evidence)];
  const { say: _, ...asked } = plan;
  await app.stop();
  return { plan: asked, kills, faults, evidence, violations, settling, lasted, prints: app.prints };
};

/** Servers that outlive the application, `fsync` on as in production. */
export const experiment = async (plan: Plan): Promise<Result> => {
  const [postgres, nats] = await Promise.all([startOwnPostgres({ fsync: true }), startOwnNats()]);
  const app = await App.at({
    databaseUrl: postgres.url,
    natsUrl: nats.url,
    deadline: `${plan.deadline}ms`,
    hold: `${plan.deadline + HOLD_BEYOND}ms`,
  });
  try {
    return await perform(plan, { postgres, nats }, app);
  } finally {
    await app.dispose();
    await Promise.all([postgres.dispose(), nats.dispose()]);
  }
};
