/** All migrations in their order. A released one never changes. */
import { engine } from './0001-engine.ts';
import { inventory } from './0002-inventory.ts';

export const migrations = (role: string): readonly { readonly name: string; readonly sql: string }[] => [
  { name: '0001-engine', sql: engine(role) },
  { name: '0002-inventory', sql: inventory(role) },
];
