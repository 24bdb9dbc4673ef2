import { rename, writeFile } from 'node:fs/promises'

/** A file that is there whole or not at all. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const half = `${path}.half`
  await writeFile(half, text)
  await rename(half, path)
}
