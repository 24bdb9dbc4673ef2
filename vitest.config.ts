import { defineConfig } from 'vitest/config'
import { PeersBesideServices } from './test/peers/peers-beside-services.ts'

/**
 * The suffix of a test says what it costs:
 * `.test.ts` no I/O and quick, `.long.test.ts` no I/O but thousands of runs (simulations, long properties), `.db.test.ts` a real PostgreSQL, `.service.test.ts` child processes or a broker, `.peer.test.ts` a real ERP.
 */
const costly = ['**/*.long.test.ts', '**/*.db.test.ts', '**/*.service.test.ts', '**/*.peer.test.ts']
const everywhere = { exclude: ['**/node_modules/**', 'data/**'] }

export default defineConfig({
  test: {
    // Node.js loads the modules itself, as it does in a hub: to transform them took as long as the quick tests do.
    experimental: { viteModuleRunner: false, nodeLoader: false },
    sequence: { sequencer: PeersBesideServices },
    projects: [
      {
        test: {
          name: 'unit',
          // They share nothing, and the modules of the house are loaded once instead of for each file.
          isolate: false,
          include: ['{src,test,scripts,faults}/**/*.test.ts'],
          exclude: [...everywhere.exclude, ...costly],
          // They wait for nothing.
          maxWorkers: '100%',
          // Properties run hundreds of times; on a busy machine that takes a while and is no fault.
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'long',
          include: ['{src,test,scripts}/**/*.long.test.ts'],
          exclude: everywhere.exclude,
          // They wait for nothing.
          maxWorkers: '100%',
          sequence: { groupOrder: 1 },
          testTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'db',
          include: ['{src,test,bench}/**/*.db.test.ts'],
          exclude: everywhere.exclude,
          // Each worker has a PostgreSQL of its own: a transaction in any database of one holds back what readers of the journal see in all.
          maxWorkers: process.env.TILLFLOW_TEST_DATABASE_URL ? 1 : 2,
          sequence: { groupOrder: 2 },
          globalSetup: ['src/testing/database/global-setup.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'service',
          include: ['{src,test,bench,faults}/**/*.service.test.ts'],
          exclude: everywhere.exclude,
          // Each has processes, directories and topics of its own; they mostly wait.
          maxWorkers: 2,
          sequence: { groupOrder: 3 },
          testTimeout: 180_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'peer',
          include: ['{src,test}/**/*.peer.test.ts'],
          exclude: everywhere.exclude,
          // Beside the services: an ERP keeps less than one core busy. Who needs the same one takes turns.
          maxWorkers: 2,
          sequence: { groupOrder: 3 },
          testTimeout: 180_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})
