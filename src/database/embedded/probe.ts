import { realpath } from 'node:fs/promises'
import pg from 'pg'
import type { Cluster } from './cluster.ts'
import { databaseName } from './initdb.ts'

const probeTimeoutMs = 5_000

export function formatUrl(options: { password: string; port: number; database: string }): string {
  return `postgres://${databaseName}:${encodeURIComponent(options.password)}@127.0.0.1:${options.port}/${options.database}`
}

/** Whether a server on this port takes our password and serves this very cluster. */
export async function probeServer(cluster: Cluster, port: number): Promise<boolean> {
  const served = await readServedDirectory(formatUrl({ password: cluster.password, port, database: 'postgres' }))
  if (served === undefined) return false
  const [ours, theirs] = await Promise.all([realpath(cluster.directory), realpath(served).catch(() => served)])
  return ours === theirs
}

/** The data directory of the server that answers under this URL, or `undefined` when none lets us in. */
export async function readServedDirectory(url: string): Promise<string | undefined> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: probeTimeoutMs,
    query_timeout: probeTimeoutMs,
  })
  client.on('error', () => {})
  try {
    await client.connect()
    const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory')
    return rows[0]?.data_directory
  } catch {
    return undefined
  } finally {
    await client.end().catch(() => {})
  }
}
