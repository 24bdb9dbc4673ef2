import { createHash, randomUUID } from 'node:crypto'
import type { Pool } from 'pg'
import { Problem } from '../contract/problem.ts'
import { maskCardNumbersInStream } from '../privacy/card-numbers/mask-in-stream.ts'
import { refuseSensitiveAuthenticationData } from '../privacy/card-numbers/sensitive-data.ts'
import type { Vault } from '../privacy/encryption/vault.ts'
import { acceptFile, countWaiting, deleteFile, findByContent, insertChunk, insertFile } from './queries.ts'

export interface IncomingFile {
  name: string
  source: string
  account?: string
  senderId: string
  /** Stores that the sender may speak for; undefined: every store. */
  senderStores?: readonly string[]
  /** What the sender says that the content is, in hexadecimal digits. */
  sha256?: string
}

export interface FileLimits {
  bytesMax: number
  /** Files that are being uploaded or wait. */
  waitingMax: number
}

/** Sealed together. */
const chunkBytes = 1_048_576
/** Looked at again with the next chunk: what must not be kept may lie across two. */
const overlapBytes = 4_096

/**
 * Keeps a file while it comes, sealed chunk by chunk, card numbers masked before. It is accepted at the very end in one statement; one
 * that breaks off leaves nothing. The content of a file that was recorded before is answered with that file.
 */
export async function receiveFile(
  db: Pool,
  vault: Vault,
  incoming: IncomingFile,
  input: AsyncIterable<Uint8Array>,
  limits: FileLimits,
  isComplete: () => boolean,
): Promise<{ fileId: string; isRepeat: boolean }> {
  if ((await countWaiting(db)) >= limits.waitingMax) throw new Problem('temporary-reduced-capacity')
  const id = randomUUID()
  await insertFile(db, { id, ...incoming })
  try {
    const received = await keepChunks(db, vault, id, input, limits.bytesMax)
    if (!isComplete()) throw new Problem('request-malformed', 'The file broke off.')
    if (received.bytes === 0) throw new Problem('file-empty')
    if (incoming.sha256 !== undefined && incoming.sha256.toLowerCase() !== received.sha256.toString('hex'))
      throw new Problem('control-total-mismatch', 'The content has another SHA-256.')
    const { source, account } = incoming
    const known = await findByContent(db, { source, account, sha256: received.sha256 })
    if (known) {
      await deleteFile(db, id)
      return { fileId: known.file_id, isRepeat: true }
    }
    await acceptFile(db, id, received)
    return { fileId: id, isRepeat: false }
  } catch (error) {
    // Where the database is away it stays until the sweep.
    await deleteFile(db, id).catch(() => {})
    throw error
  }
}

interface Received {
  bytes: number
  sha256: Buffer
  masked: boolean
}

async function keepChunks(
  db: Pool,
  vault: Vault,
  id: string,
  input: AsyncIterable<Uint8Array>,
  bytesMax: number,
): Promise<Received> {
  const hash = createHash('sha256')
  let bytes = 0
  let masked = false
  const counted = async function* () {
    for await (const piece of input) {
      bytes += piece.length
      if (bytes > bytesMax) throw new Problem('file-too-large')
      hash.update(piece)
      yield piece
    }
  }
  let chunk = 0
  let before = Buffer.alloc(0)
  const keep = async (plain: Buffer) => {
    refuseSensitiveAuthenticationData(Buffer.concat([before, plain]).toString('utf8'))
    before = Buffer.from(plain.subarray(-overlapBytes))
    const { keyId, bytes: sealed } = await vault.seal({ plain, associatedData: chunkName(id, chunk) })
    await insertChunk(db, id, chunk, keyId, sealed)
    chunk += 1
  }
  let waiting: Uint8Array[] = []
  let waitingBytes = 0
  for await (const piece of maskCardNumbersInStream(counted(), { onMasked: () => (masked = true) })) {
    waiting.push(Buffer.from(piece))
    waitingBytes += piece.length
    if (waitingBytes < chunkBytes) continue
    await keep(Buffer.concat(waiting))
    waiting = []
    waitingBytes = 0
  }
  if (waitingBytes > 0) await keep(Buffer.concat(waiting))
  return { bytes, sha256: hash.digest(), masked }
}

/** A chunk opens in its own place only. */
export function chunkName(id: string, chunk: number): string {
  return `file:${id}/${chunk}`
}
