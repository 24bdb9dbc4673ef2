import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { lstat, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { syncDirectory } from '../durable-files/write-durably.ts'
import { maskCardNumbersInStream } from '../privacy/card-numbers/mask-in-stream.ts'

/** What a file is, read once. */
export interface Looked {
  sha256: string
  /** A card number stands in it. */
  holdsCardNumbers: boolean
}

/** Looked at again when nobody else can change the name: a file must not become a link between the look and the taking. */
export async function isPlainFile(file: string): Promise<boolean> {
  const stat = await lstat(file)
  return stat.isFile() && stat.nlink <= 1
}

/** Reads a file through: its hash as it came, and whether a card number is in it. */
export async function lookThrough(file: string): Promise<Looked> {
  const hash = createHash('sha256')
  const read = async function* () {
    for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
      hash.update(chunk)
      yield chunk
    }
  }
  let holdsCardNumbers = false
  const onMasked = () => {
    holdsCardNumbers = true
  }
  for await (const _ of maskCardNumbersInStream(read(), { onMasked }));
  return { sha256: hash.digest('hex'), holdsCardNumbers }
}

/**
 * Puts a copy without card numbers in the place of a file, whole and durable. Done again after a crash it changes nothing: what is
 * masked has no card number.
 */
export async function maskFile(file: string): Promise<void> {
  const copy = `${file}.masked`
  await rm(copy, { force: true })
  const handle = await open(copy, 'wx', 0o640)
  try {
    const input = createReadStream(file) as AsyncIterable<Buffer>
    for await (const piece of maskCardNumbersInStream(input)) await handle.writeFile(piece)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(copy, file)
  await syncDirectory(dirname(file))
}
