// The import table of docs/architecture.md, as rules. `npm run imports` checks it.
/** A context is the first part of a file's name below domains/<context>/. */
const forbid = (name, from, to, comment) => ({ name, severity: 'error', comment, from, to });
const npm = '^node_modules/';

module.exports = {
  forbidden: [
    forbid('no-cycles', {}, { circular: true }, 'Cycles hide who owns what.'),
    forbid('no-orphan-packages', {}, { couldNotResolve: true }, 'Every import resolves.'),
    forbid('contracts-import-zod-only', { path: '^contracts/' }, { pathNot: ['^contracts/', `${npm}zod/`] }, 'Contracts are what crosses a boundary.'),
    forbid('domains-are-pure', { path: '^domains/' }, { pathNot: ['^domains/', '^contracts/'] }, 'No framework, no I/O, no clock, no randomness.'),
    forbid('domains-take-types-from-contracts', { path: '^domains/' }, { path: '^contracts/', dependencyTypesNot: ['type-only'] }, 'Only types.'),
    forbid('contexts-share-nothing', { path: '^domains/([^/]+)/' }, { path: '^domains/', pathNot: ['^domains/$1/', '^domains/kernel/'] }, 'Contexts know each other by ids, events and commands.'),
    forbid('kernel-knows-no-context', { path: '^domains/kernel/' }, { path: '^domains/', pathNot: '^domains/kernel/' }, 'The kernel is below every context.'),
    forbid('actors-import', { path: '^actors/' }, { pathNot: ['^actors/', '^domains/', '^contracts/', `${npm}(nact|rxjs)/`, '^node:'] , dependencyTypesNot: ['core'] }, 'The runtime reaches the world through its ports.'),
    forbid('nact-lives-in-actors', { pathNot: '^(actors|test)/' }, { path: `${npm}nact/` }, 'nact never leaks out of actors/.'),
    forbid('adapters-do-not-know-each-other', { path: '^adapters/([^/]+)/' }, { path: '^adapters/', pathNot: '^adapters/$1/' }, 'One folder per technology.'),
    forbid('adapters-take-types-from-domains', { path: '^adapters/' }, { path: '^domains/', dependencyTypesNot: ['type-only'] }, 'Rules are run by actors, not by adapters.'),
    forbid('adapters-know-only-ports', { path: '^adapters/' }, { path: '^actors/', pathNot: '^actors/ports/' }, 'Adapters implement ports.'),
    forbid('nobody-imports-src', { pathNot: '^(src|test)/' }, { path: '^(src|test)/' }, 'src wires; nobody depends on it.'),
    forbid('commands-run-without-jest', { path: '^test/(bench|chaos|demo)/(run|app)\\.ts$' }, { path: `${npm}@jest/`, reachable: true }, 'Measurements, kills and the demo are commands of their own.'),
    forbid('src-does-not-import-test', { path: '^src/' }, { path: '^test/' }, 'Tests are not shipped.'),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default', 'types'] },
  },
};
