import type { Pool } from 'pg'
import type { SliceCounts } from '../contract/slice-quality.ts'
import { type FileErrorRow, type FileReach, type FileRow, findFile, listErrors, listFiles } from './queries.ts'

/** What a sender is told of a file. */
export interface FileView extends SliceCounts {
  fileId: string
  name: string
  source: string
  state: FileRow['state']
  bytes: number
  sha256?: string
  receivedAt: string
  finishedAt?: string
  slices: number
  problem?: { code: string; detail: string }
}

export interface FileErrorView {
  slice: number
  kind: string
  code?: string
  detail?: string
}

/** `reach` undefined: of every sender. */
export async function readFileView(db: Pool, id: string, reach: FileReach | undefined): Promise<FileView | undefined> {
  const row = await findFile(db, id, reach)
  return row && viewOf(row)
}

export async function readFileViews(
  db: Pool,
  page: { reach: FileReach | undefined; before: string | undefined; limit: number },
): Promise<FileView[]> {
  return (await listFiles(db, page)).map(viewOf)
}

export async function readFileErrors(db: Pool, id: string, after: number, limit: number): Promise<FileErrorView[]> {
  return (await listErrors(db, id, after, limit)).map(errorView)
}

function viewOf(row: FileRow): FileView {
  return {
    fileId: row.file_id,
    name: row.name,
    source: row.source,
    state: row.state,
    bytes: Number(row.bytes),
    ...(row.sha256 && { sha256: row.sha256.toString('hex') }),
    receivedAt: row.received_at.toISOString(),
    ...(row.finished_at && { finishedAt: row.finished_at.toISOString() }),
    slices: Number(row.slices),
    recorded: Number(row.recorded),
    duplicates: Number(row.duplicates),
    quarantined: Number(row.quarantined),
    conflicts: Number(row.conflicts),
    refused: Number(row.refused),
    noted: Number(row.noted),
    ...(row.problem !== null && { problem: { code: row.problem, detail: row.detail ?? '' } }),
  }
}

function errorView({ slice, kind, code, detail }: FileErrorRow): FileErrorView {
  return { slice: Number(slice), kind, ...(code !== null && { code }), ...(detail !== null && { detail }) }
}
