// Brings a database to the current schema in a process of its own: loading the migrations inside Jest would cost each
// worker what it costs this process once. Run as `node test/kit/migrate.ts <url>`.
import { existsSync } from 'node:fs';

const migrations = new URL('../../adapters/postgres/migrate.ts', import.meta.url);

if (existsSync(migrations)) {
  const { migrate }: { migrate: (url: string) => Promise<void> } = await import(migrations.href);
  await migrate(process.argv[2]!);
}
