// Starts a process that would outlive this one without the tether.
import { spawnTethered } from '../../src/servers/tether.ts';

const child = spawnTethered([], ['sleep', '600'], 2);
process.send?.({ started: [{ name: 'sleep', pid: child.pid }] });
