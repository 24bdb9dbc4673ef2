import type { ClientBase } from 'pg'
import { Problem } from '../../contract/problem.ts'
import { readLine } from './checkpoint.ts'
import { appendLines, readLastLine } from './checkpoint-file.ts'
import { readCheckpointLines } from './queries.ts'

const linesMax = 500

/** What of the chain is in the file: everything up to a checkpoint. */
export interface Shipped {
  checkpoint: number
  line: string | undefined
}

/** How far the file is. Throws Problem `audit-checkpoint-broken` where its last line is no checkpoint. */
export async function readShipped(path: string): Promise<Shipped> {
  const line = await readLastLine(path)
  if (line === undefined) return { checkpoint: 0, line: undefined }
  const read = readLine(line)
  if (!read) throw new Problem('audit-checkpoint-broken', 'The last line of the checkpoint file is none.')
  return { checkpoint: read.checkpoint.checkpoint, line }
}

/**
 * That the database still has the very checkpoint with which the file ends. Throws Problem `audit-file-disagrees`: the database was
 * rewritten or cut, or is an older copy, and what is sealed on top of it would hide that.
 */
export async function checkShipped(client: ClientBase, { checkpoint, line }: Shipped): Promise<void> {
  if (line === undefined) return
  const [row] = await readCheckpointLines(client, checkpoint, 1)
  if (row?.line !== line) throw new Problem('audit-file-disagrees', `It is about checkpoint ${checkpoint}.`)
}

/** Appends to the file what it lacks. Gives back how far it is then. */
export async function shipCheckpoints(client: ClientBase, path: string, shipped: Shipped): Promise<Shipped> {
  let at = shipped
  for (;;) {
    const rows = await readCheckpointLines(client, at.checkpoint + 1, linesMax)
    const last = rows.at(-1)
    if (!last) return at
    await appendLines(
      path,
      rows.map((row) => row.line),
    )
    at = { checkpoint: Number(last.checkpointNo), line: last.line }
  }
}
