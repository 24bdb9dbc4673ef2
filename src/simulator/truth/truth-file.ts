import { createReadStream } from 'node:fs'
import { type FileHandle, mkdtemp, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { StorePlan } from '../retailer/store-plan.ts'
import type { StoreDayTruth, Truth } from './shape.ts'

/**
 * Writes a truth file while it becomes known. Regions run side by side, so each has a spool of its own; at the end they are put one
 * after the other. The file appears whole or not at all, and memory does not grow with the days.
 */
export class TruthFile {
  readonly #path: string
  readonly #directory: string
  readonly #spools = new Map<string, FileHandle>()

  private constructor(path: string, directory: string) {
    this.#path = path
    this.#directory = directory
  }

  /** `path`: where the file will be. Its directory must exist. */
  static async create(path: string): Promise<TruthFile> {
    return new TruthFile(path, await mkdtemp(join(dirname(path), '.truth-')))
  }

  async append(region: string, storeDays: readonly StoreDayTruth[]): Promise<void> {
    const spool = this.#spools.get(region) ?? (await open(this.#spoolOf(region), 'a'))
    this.#spools.set(region, spool)
    await spool.write(storeDays.map((one) => `${JSON.stringify(one)}\n`).join(''))
  }

  /** Puts the file in its place. `regions` in the order in which their store days stand. */
  async finish(
    regions: readonly string[],
    parts: Pick<Truth, 'made' | 'totals' | 'complete'> & { plans: readonly StorePlan[] },
  ): Promise<void> {
    for (const spool of this.#spools.values()) await spool.close()
    const whole = join(this.#directory, 'truth.json')
    const file = await open(whole, 'w')
    const { made, totals, complete } = parts
    const stores = parts.plans.map(({ profile, country, workstationIds }) => ({ ...profile, country, workstationIds }))
    await file.write(
      `{"version":1,\n"made":${JSON.stringify(made)},\n"stores":${JSON.stringify(stores)},\n"storeDays":[`,
    )
    let isFirst = true
    for (const region of regions.filter((one) => this.#spools.has(one))) {
      for await (const line of linesOf(this.#spoolOf(region))) {
        await file.write(`${isFirst ? '\n' : ',\n'}${line}`)
        isFirst = false
      }
    }
    await file.write(`\n],\n"totals":${JSON.stringify(totals)},\n"complete":${complete}}\n`)
    await file.datasync()
    await file.close()
    await rename(whole, this.#path)
    await this.discard()
  }

  /** Leaves nothing behind. */
  async discard(): Promise<void> {
    for (const spool of this.#spools.values()) await spool.close().catch(() => {})
    await rm(this.#directory, { recursive: true, force: true })
  }

  #spoolOf(region: string): string {
    return join(this.#directory, `${region}.ndjson`)
  }
}

async function* linesOf(path: string): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of createReadStream(path, 'utf8')) {
    const lines = `${rest}${chunk}`.split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
  if (rest !== '') yield rest
}

/** Reads a truth file whole, as tests do that compare an ERP with it. */
export async function readTruth(path: string): Promise<Truth> {
  return JSON.parse(await readFile(path, 'utf8')) as Truth
}
