import { readFile } from 'node:fs/promises'
import { decodeUtf8, parseStrictJson } from '../contract/strict-json.ts'
import { unlessAbsent } from '../durable-files/write-durably.ts'
import type { Layout } from './layout.ts'

/** What the sender says that a file is, in `NAME.manifest.json` beside it. */
interface ControlTotals {
  sha256?: string
  /** Transactions, or lines that are not blank. */
  lines?: number
  /** Sum of the grand totals, as a decimal text. */
  total?: string
}

/** What the file is. */
export interface Inspected {
  lines: number
  /** undefined: there are several currencies. */
  total: string | undefined
}

/** Says how the file differs from its manifest; undefined where it does not, or where there is none. */
export async function findMismatch(
  layout: Layout,
  id: string,
  sha256: string,
  inspect: () => Promise<Inspected>,
): Promise<string | undefined> {
  const bytes = await readFile(layout.manifest(id)).catch(unlessAbsent)
  if (!bytes) return undefined
  const said = readManifest(bytes)
  if (!said) return 'The manifest is not a JSON object with sha256, lines or total.'
  if (said.sha256 !== undefined && said.sha256.toLowerCase() !== sha256) return 'The content has another SHA-256.'
  if (said.lines === undefined && said.total === undefined) return undefined
  const found = await inspect()
  if (said.lines !== undefined && said.lines !== found.lines) {
    return `The manifest says ${said.lines} lines, the file has ${found.lines}.`
  }
  if (said.total === undefined) return undefined
  if (found.total === undefined) return 'The manifest has one total, the file has several currencies.'
  return sameAmount(said.total, found.total)
    ? undefined
    : `The manifest has another total; the file has ${found.total}.`
}

function readManifest(bytes: Uint8Array): ControlTotals | undefined {
  try {
    const value = parseStrictJson(decodeUtf8(bytes)) as ControlTotals
    const { sha256, lines, total } = value
    const fits =
      (sha256 === undefined || (typeof sha256 === 'string' && /^[0-9a-f]{64}$/i.test(sha256))) &&
      (lines === undefined || (Number.isSafeInteger(lines) && lines >= 0)) &&
      (total === undefined || (typeof total === 'string' && /^-?\d{1,18}(\.\d{1,5})?$/.test(total)))
    return fits && [sha256, lines, total].some((one) => one !== undefined) ? value : undefined
  } catch {
    return undefined
  }
}

/** `5` is `5.00`. */
function sameAmount(one: string, other: string): boolean {
  const normal = (text: string) => (text.includes('.') ? text.replace(/\.?0+$/, '') : text).replace(/^-0$/, '0')
  return normal(one) === normal(other)
}
