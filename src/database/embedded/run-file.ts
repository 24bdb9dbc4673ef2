import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileDurably } from './durable-file.ts'
import { probeUrl } from './probe.ts'

/** How another process on this machine finds the running server; readable by the owner only, since the URL holds the password. */
export interface RunFile {
  url: string
  pid: number
  port: number
  startedAt: string
}

const runFileName = 'database.json'

export async function writeRunFile(dataDirectory: string, run: RunFile): Promise<void> {
  await writeFileDurably(join(dataDirectory, runFileName), `${JSON.stringify(run, undefined, 2)}\n`)
}

export async function readRunFile(dataDirectory: string): Promise<RunFile | undefined> {
  try {
    return JSON.parse(await readFile(join(dataDirectory, runFileName), 'utf8')) as RunFile
  } catch {
    return undefined
  }
}

export async function removeRunFile(dataDirectory: string): Promise<void> {
  await rm(join(dataDirectory, runFileName), { force: true })
}

/** The URL of the server that runs for this data directory, or `undefined` when none answers. Starts nothing. */
export async function findEmbeddedPostgres(dataDirectory: string): Promise<string | undefined> {
  const run = await readRunFile(dataDirectory)
  if (run === undefined) return undefined
  return (await probeUrl(run.url)).kind === 'served' ? run.url : undefined
}
