/**
 * Are there known holes in what is shipped? `npm audit` without the tools of development, and a clear word when the
 * registry cannot be asked: an audit that did not take place is not a clean one.
 *
 * Exit codes: 0 nothing high or critical, 1 something is, 2 nothing was checked.
 */
import { spawnSync } from 'node:child_process';

interface Report {
  readonly vulnerabilities?: Readonly<Record<string, { readonly severity: string; readonly range: string }>>;
  readonly metadata?: { readonly vulnerabilities: Readonly<Record<string, number>> };
}

const GRAVE: ReadonlySet<string> = new Set(['high', 'critical']);

const reportIn = (text: string): Report => {
  try {
    return JSON.parse(text) as Report;
  } catch {
    return {};
  }
};

const reasonIn = (complaints: string): string =>
  /audit (\d{3} .+)$/m.exec(complaints)?.[1] ?? /npm error (.+)$/m.exec(complaints)?.[1] ?? 'npm did not say why';

const notChecked = (complaints: string): number => {
  console.error(`Nothing was checked: the registry offers no audit, or cannot be reached (${reasonIn(complaints)}).`);
  console.error('Ask one that does: npm run audit -- --registry=<its address>');
  return 2;
};

const judged = ({ vulnerabilities = {}, metadata }: Report): number => {
  const grave = Object.entries(vulnerabilities).filter(([, { severity }]) => GRAVE.has(severity));
  for (const [name, { severity, range }] of grave) console.error(`${severity}: ${name} ${range}`);
  const { total = 0 } = metadata!.vulnerabilities;
  console.log(`${total} known holes in what is shipped, ${grave.length} of them high or critical.`);
  return grave.length > 0 ? 1 : 0;
};

const asking = ['audit', '--omit=dev', '--json', '--loglevel=warn'];
// The level is said, because a silent npm around us would keep the reason to itself.
const { stdout, stderr } = spawnSync('npm', [...asking, ...process.argv.slice(2)], {
  encoding: 'utf8',
  maxBuffer: 64 * 1024 * 1024,
});
const report = reportIn(stdout ?? '');
process.exitCode = report.metadata ? judged(report) : notChecked(stderr ?? '');
