import { realpath } from 'node:fs/promises'
import pg from 'pg'
import type { Cluster } from './cluster.ts'
import { databaseName } from './initdb.ts'

const probeTimeoutMs = 5_000

export function formatUrl(options: { password: string; port: number; database: string }): string {
  return `postgres://${databaseName}:${encodeURIComponent(options.password)}@127.0.0.1:${options.port}/${options.database}`
}

/** `refused`: a server is there, and the password is wrong for it; `silent`: none yet, or one that is still starting. */
type ProbeAnswer = { kind: 'served'; directory: string } | { kind: 'refused' } | { kind: 'silent' }

/** Asks the server under this URL which data directory it serves. */
export async function probeUrl(url: string): Promise<ProbeAnswer> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: probeTimeoutMs,
    query_timeout: probeTimeoutMs,
  })
  client.on('error', () => {})
  try {
    await client.connect()
    const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory')
    const directory = rows[0]?.data_directory
    return directory === undefined ? { kind: 'silent' } : { kind: 'served', directory }
  } catch (error) {
    return { kind: (error as { code?: unknown }).code === '28P01' ? 'refused' : 'silent' }
  } finally {
    await client.end().catch(() => {})
  }
}

/** Whether the server on this port takes our password and serves this very cluster (`ours`). */
export async function probeServer(cluster: Cluster, port: number): Promise<'ours' | 'refused' | 'silent'> {
  const answer = await probeUrl(formatUrl({ password: cluster.password, port, database: 'postgres' }))
  if (answer.kind !== 'served') return answer.kind
  const theirs = await realpath(answer.directory).catch(() => answer.directory)
  return theirs === (await realpath(cluster.directory)) ? 'ours' : 'refused'
}
