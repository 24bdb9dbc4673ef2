import { readClusterDirectory } from './cluster.ts'
import { stopPostmaster } from './postmaster.ts'
import { findPostmaster } from './postmaster-file.ts'

/** Stops the server that a killed process left on this data directory, if there is one, and answers where its cluster is. */
export async function stopLeftPostgres(dataDirectory: string): Promise<string | undefined> {
  const directory = await readClusterDirectory(dataDirectory)
  const left = directory === undefined ? undefined : await findPostmaster(directory)
  if (left) await stopPostmaster(left.process)
  return directory
}
