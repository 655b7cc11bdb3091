/** @type {import('jest').Config} */
export default {
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  transform: { '\\.ts$': '<rootDir>/test/kit/strip-types.mjs' },
  extensionsToTreatAsEsm: ['.ts'],
  testEnvironment: 'node',
  globalSetup: '<rootDir>/test/kit/global-setup.ts',
  globalTeardown: '<rootDir>/test/kit/global-teardown.ts',
  maxWorkers: 2,
  testTimeout: 30_000,
};
