/** The application under fire: one process at one address, killed and started again. */
import { randomBytes } from 'node:crypto';
import { freePort } from '../../src/servers/ports.ts';
import { newFolder, removeFolder } from '../kit/run-folder.ts';
import { type SpawnedApp, spawnApp } from '../kit/spawn-app.ts';
import type { Places } from './evidence.ts';

export interface AppSettings extends Places {
  /** As the configuration writes durations. */
  readonly deadline: string;
  readonly hold: string;
  readonly logLevel?: string;
  /** Settings beside those. */
  readonly env?: Readonly<Record<string, string>>;
}

const secret = () => randomBytes(32).toString('base64url');

export class App {
  readonly url: string;
  /** Milliseconds from the start of the process until it was ready. */
  readonly starts: number[] = [];
  /** When each life began, by the clock on the wall. Milliseconds. */
  readonly lives: number[] = [];
  /** What it printed in each of its lives. */
  readonly prints: string[] = [];
  /** Deaths that nobody asked for. */
  readonly deaths: string[] = [];
  readonly #env: Record<string, string>;
  readonly #folder: string;
  #process?: SpawnedApp;
  #wanted = false;

  private constructor(url: string, folder: string, env: Record<string, string>) {
    this.url = url;
    this.#folder = folder;
    this.#env = env;
  }

  static async at({ databaseUrl, natsUrl, deadline, hold, logLevel = 'warn', env = {} }: AppSettings): Promise<App> {
    const port = String(await freePort());
    const folder = newFolder('app');
    const url = `http://127.0.0.1:${port}`;
    return new App(url, folder, {
      DATABASE_URL: databaseUrl,
      NATS_URL: natsUrl,
      PORT: port,
      PUBLIC_URL: url,
      TRADEWIND_DATA: folder,
      NODE_ID: 'chaos',
      NODE_COMPILE_CACHE: `${folder}/compile`,
      JWT_SECRET: secret(),
      SANDBOX_WEBHOOK_SECRET: secret(),
      ACCESS_TOKEN_TTL: '12h',
      DEMO_DATA: 'true',
      CHECKOUT_DEADLINE: deadline,
      RESERVATION_TTL: hold,
      LOG_LEVEL: logLevel,
      ...env,
    });
  }

  get pid(): number {
    return this.#process!.pid;
  }

  async start(): Promise<void> {
    const begin = performance.now();
    this.lives.push(Date.now());
    const started = await spawnApp(this.#env, { readyWithinMs: 60_000 });
    this.starts.push(performance.now() - begin);
    this.#process = started;
    this.#wanted = true;
    void started.exited.then(() => {
      if (this.#wanted && this.#process === started) this.deaths.push(started.output().slice(-2_000));
    });
  }

  /** SIGKILL to the process itself, at once. */
  async kill(): Promise<void> {
    this.#wanted = false;
    await this.#process?.kill();
    this.#keep();
  }

  /** SIGTERM; the exit code once it has drained. */
  async stop(): Promise<number | null> {
    this.#wanted = false;
    const code = (await this.#process?.stop()) ?? null;
    this.#keep();
    return code;
  }

  async dispose(): Promise<void> {
    await this.kill();
    removeFolder(this.#folder);
  }

  #keep(): void {
    const printed = this.#process?.output() ?? '';
    this.prints.push(printed);
    this.#process = undefined;
  }
}
