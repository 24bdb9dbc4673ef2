import type { TestProject } from 'vitest/node'
import { startTestServer, type TestServerAddress } from './test-server.ts'

declare module 'vitest' {
  interface ProvidedContext {
    testServer: TestServerAddress
  }
}

/** One server for all database tests of a run. Whoever cannot start PostgreSQL sees them fail, not skipped. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startTestServer()
  project.provide('testServer', { url: server.url, template: server.template })
  return () => server.stop()
}
