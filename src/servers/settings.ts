// What a server of ours has to find again at the next start: its credentials and its port.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import * as z from 'zod';
import { readIfPresent, writePrivately } from './files.ts';

const Settings = z.object({ password: z.string().min(16), port: z.int().optional(), isSetUp: z.boolean().optional() });
export type Settings = z.infer<typeof Settings>;

const fileIn = (folder: string) => join(folder, 'settings.json');

/** base64url needs no escaping in a URL, a configuration file or SQL. */
export const newSecret = (): string => randomBytes(24).toString('base64url');

/** A damaged file reads as a missing one; who needs the old password finds out and says so. */
export function loadSettings(folder: string): Settings | undefined {
  const text = readIfPresent(fileIn(folder));
  if (text === undefined) return undefined;
  try {
    return Settings.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

export function saveSettings(folder: string, settings: Settings): Settings {
  writePrivately(fileIn(folder), `${JSON.stringify(settings)}\n`);
  return settings;
}
