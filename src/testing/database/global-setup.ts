import type { TestProject } from 'vitest/node'
import { startTestServer, type TestServerAddress } from './test-server.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** One for each worker, in the order of the workers' numbers. */
    testServers: TestServerAddress[]
  }
}

/**
 * A server for each worker, which the database tests of a run share. Whoever cannot start PostgreSQL sees them fail, not skipped.
 * Workers cannot share one: an open transaction in any database of a server holds back what readers of a journal see in all others.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const starts = Array.from({ length: project.config.maxWorkers }, () => startTestServer())
  const settled = await Promise.allSettled(starts)
  const servers = settled.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []))
  const stop = async () => {
    await Promise.all(servers.map((server) => server.stop()))
  }
  const failed = settled.find((start) => start.status === 'rejected')
  if (failed) {
    await stop()
    throw failed.reason
  }
  project.provide(
    'testServers',
    servers.map(({ url, template }) => ({ url, template })),
  )
  return stop
}
