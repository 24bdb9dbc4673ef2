import type { ClientBase, Pool } from 'pg'
import type { Erasing, PersonalDataHolder, Stretch } from '../privacy/erasure/holder.ts'
import { readChunk } from './queries.ts'
import { chunkName } from './receive-file.ts'

const stretchFilesMax = 500
/** A name may begin in one chunk and end in the next. */
const overlapLength = 600

/**
 * What whole uploads keep of persons: their bytes until they are recorded, and a name that the sender gave. A file that still waits is
 * left to come to its end, for its slices must be recorded whole; the erasure waits for it.
 */
export const filesPersonalData: PersonalDataHolder = {
  name: 'files',
  sweep: renameFiles,
  countOpen: async (db, erasing) => {
    const { rows } = await db.query<{ file_id: string }>(
      `select file_id from files where state in ('uploading', 'waiting', 'held') and received_at <= coalesce($1, clock_timestamp())
       order by received_at`,
      [erasing.requestedAt ?? null],
    )
    let open = 0
    for (const { file_id } of rows) if (await isNamedIn(db, file_id, erasing)) open += 1
    return open
  },
}

async function isNamedIn(db: Pool, fileId: string, { names, vault }: Erasing): Promise<boolean> {
  let before = ''
  for (let chunk = 0; names; chunk += 1) {
    const row = await readChunk(db, fileId, chunk)
    if (!row) return false
    const bytes = await vault.open({ keyId: row.key_id, bytes: row.sealed }, chunkName(fileId, chunk))
    const text = before + bytes.toString('utf8')
    if (names.isIn(text)) return true
    before = text.slice(-overlapLength)
  }
  return false
}

async function renameFiles(db: ClientBase, after: string | undefined, { names }: Erasing): Promise<Stretch> {
  if (!names) return { counts: {} }
  const { rows } = await db.query<{ file_id: string; name: string }>(
    'select file_id, name from files where file_id > $1::uuid order by file_id limit $2',
    [after ?? '00000000-0000-0000-0000-000000000000', stretchFilesMax],
  )
  let fileNames = 0
  for (const { file_id, name } of rows) {
    // Underscores stand where the sender had anything else.
    if (!names.isIn(name.replaceAll('_', ' '))) continue
    await db.query("update files set name = 'erased' where file_id = $1", [file_id])
    fileNames += 1
  }
  const last = rows.at(-1)
  return { counts: { fileNames }, ...(rows.length === stretchFilesMax && last && { next: last.file_id }) }
}
