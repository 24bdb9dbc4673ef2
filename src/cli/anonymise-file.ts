import { createReadStream } from 'node:fs'
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { anonymise, type Counts } from '../anonymise/anonymise.ts'
import type { ReplaceOptions } from '../anonymise/replace-value.ts'
import { detectRules, rulesOf } from '../anonymise/rules/index.ts'
import type { Rules } from '../anonymise/rules.ts'
import { Problem } from '../contract/problem.ts'

export interface AnonymisedFile {
  file: string
  output: string
  source: string
  counts: Counts
}

/** Enough of a file to tell what it is. */
const headBytes = 65_536
/** Written at once. */
const pieceLengthMin = 262_144

/**
 * Writes the test data of one file into the directory: whole and durable, or not at all. The name is made from the original's by
 * the key, since names of files tell stores and days.
 */
export async function anonymiseFile(options: {
  file: string
  inputs: readonly string[]
  out: string
  source: string | undefined
  way: ReplaceOptions
}): Promise<AnonymisedFile> {
  const { file, out, way } = options
  const rules = await chooseRules(file, options.source)
  await mkdir(out, { recursive: true })
  const name = file.split(/[/\\]/).at(-1) ?? ''
  const output = join(out, `${rules.source}-${way.pseudonyms.digestOf(name)}${extensionOf(name, rules)}`)
  await refuseInputs(output, options.inputs)
  const counts: Counts = {}
  const temporary = `${output}.part`
  const handle = await open(temporary, 'w', 0o640)
  try {
    await writeAll(handle, anonymise(createReadStream(file, { highWaterMark: pieceLengthMin }), rules, way, counts))
    await handle.sync()
    await handle.close()
    await rename(temporary, output)
  } catch (error) {
    await handle.close().catch(() => {})
    await rm(temporary, { force: true })
    throw error
  }
  return { file, output, source: rules.source, counts }
}

async function writeAll(handle: FileHandle, pieces: AsyncIterable<string>): Promise<void> {
  let gathered = ''
  for await (const piece of pieces) {
    gathered += piece
    if (gathered.length < pieceLengthMin) continue
    await handle.write(gathered)
    gathered = ''
  }
  await handle.write(gathered)
}

async function chooseRules(file: string, source: string | undefined): Promise<Rules> {
  const handle = await open(file).catch((error: NodeJS.ErrnoException) => {
    throw new Problem('not-found', `The file cannot be read (${error.code}).`)
  })
  try {
    if (!(await handle.stat()).isFile()) throw new Problem('not-found', 'It is not a file.')
    if (source !== undefined) return rulesOf(source)
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(headBytes), 0, headBytes, 0)
    const rules = detectRules(buffer.subarray(0, bytesRead))
    if (!rules) throw new Problem('unknown-source', 'The file is not recognised; name its source with --source.')
    return rules
  } finally {
    await handle.close()
  }
}

function extensionOf(name: string, { form }: Rules): string {
  const extension = extname(name).toLowerCase()
  if (form === 'xml') return '.xml'
  return ['.ndjson', '.jsonl'].includes(extension) ? extension : '.json'
}

/** Compared as files, not as names: a path in another spelling is the same file. */
async function refuseInputs(output: string, inputs: readonly string[]): Promise<void> {
  const there = await stat(output).catch(() => undefined)
  if (!there) return
  for (const input of inputs) {
    const one = await stat(input).catch(() => undefined)
    if (one?.ino === there.ino && one.dev === there.dev) throw new Problem('output-is-input')
  }
}
