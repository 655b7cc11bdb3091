// Jest transform: Node's own type stripping, so that tests run the very code that `node` runs.
import { stripTypeScriptTypes } from 'node:module';

export default {
  process: (source, filename) => ({
    code: filename.endsWith('.ts') ? stripTypeScriptTypes(source, { mode: 'strip' }) : source,
  }),
};
