import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FileResult } from '../../src/file-drop/put-away.ts'
import { makeSale } from '../../src/testing/receipts.ts'
import { HubForTests } from './hub.ts'

const hub = new HubForTests()
/** Twenty parts, killed while it starts, on its way and near the end; I20 of the fault bench kills it more often, nightly in larger files. */
const linesCount = 10_000
const partLines = 500
const killsCount = 6

beforeAll(() => hub.start())
afterAll(() => hub.stop())

const sleep = (durationMs: number) => new Promise((resolve) => setTimeout(resolve, durationMs))

/** How far the file is that is being sent: what was durable. */
function offsetIn(folder: string): number {
  const work = join(folder, 'work')
  if (!existsSync(work)) return 0
  const name = readdirSync(work).find((one) => one.endsWith('.progress.ndjson'))
  if (name === undefined) return 0
  const line = readFileSync(join(work, name), 'utf8').split('\n').at(-2)
  return line ? JSON.parse(line).offset : 0
}

describe('kill -9 of the watch', { timeout: 300_000 }, () => {
  it('at any byte of a file loses no line, doubles none, and does not begin again', async () => {
    const folder = join(hub.directory, 'killed')
    mkdirSync(folder)
    const text = Array.from({ length: linesCount }, (_, index) => `${JSON.stringify(makeSale(index + 1))}\n`).join('')
    writeFileSync(join(folder, 'day.ndjson'), text)
    const offsets: number[] = []
    let seed = 7
    const chance = () => {
      seed = (seed * 48_271) % 2_147_483_647
      return seed / 2_147_483_647
    }
    for (let kill = 0; kill < killsCount; kill += 1) {
      const watch = hub.launch(hub.watchArguments(folder))
      const ended = new Promise((resolve) => watch.once('exit', resolve))
      // Some are killed while they start, the others somewhere on their way, the last near the end.
      const wanted = (text.length * kill) / killsCount
      const until = Date.now() + 30_000
      const whileItStarts = kill % 4 === 0
      while (!whileItStarts && offsetIn(folder) < wanted && Date.now() < until) await sleep(5)
      // A part takes some 50 ms.
      await sleep(chance() * (whileItStarts ? 300 : 60))
      watch.kill('SIGKILL')
      await ended
      offsets.push(offsetIn(folder))
    }
    expect(readdirSync(join(folder, 'done'))).toEqual([])
    expect(new Set(offsets).size).toBeGreaterThan(3)
    expect(offsets.at(-1)).toBeGreaterThan(text.length / 2)
    expect(offsets).toEqual(offsets.toSorted((one, other) => one - other))
    const { stdout } = await hub.launchAndFinish(hub.watchArguments(folder, '--once'))
    const result: FileResult = JSON.parse(stdout.trim())
    const { recorded, duplicates } = result
    expect(result).toMatchObject({ outcome: 'done', slices: linesCount, refused: 0, quarantined: 0, conflicts: 0 })
    expect(recorded + duplicates).toBe(linesCount)
    // At most the part that was on its way was sent twice.
    expect(duplicates).toBeLessThanOrEqual(killsCount * partLines)
    expect(await hub.recorded()).toBe(linesCount)
    console.info(`kills at ${offsets.join(', ')} of ${text.length} bytes; ${duplicates} lines sent again`)
  })

  it('waits while the hub is away, and loses nothing', async () => {
    const folder = join(hub.directory, 'away')
    mkdirSync(folder)
    const port = new URL(hub.address).port
    const before = await hub.recorded()
    const watch = hub.launch(hub.watchArguments(folder))
    const said: string[] = []
    watch.stderr?.setEncoding('utf8').on('data', (text) => said.push(text))
    const results = createInterface({ input: watch.stdout ?? process.stdin })[Symbol.asyncIterator]()
    await hub.kill()
    // Written slowly: it must not be taken before it is whole. Here only its name tells.
    const part = join(folder, 'late.ndjson.part')
    for (let index = 0; index < 300; index += 1) {
      appendFileSync(part, `${JSON.stringify(makeSale(index + 1, { workstationId: '88' }))}\n`)
    }
    writeFileSync(join(folder, 'late.ndjson'), readFileSync(part))
    await expect.poll(() => said.join(''), { timeout: 20_000 }).toContain('hub-not-running')
    await hub.start(port)
    const { value } = await results.next()
    expect(JSON.parse(String(value))).toMatchObject({ name: 'late.ndjson', outcome: 'done', recorded: 300 })
    expect(await hub.recorded()).toBe(before + 300)
    const second = await hub.launchAndFinish(hub.watchArguments(folder, '--once'))
    expect(second.stderr).toContain('folder-in-use')
    const ended = new Promise((resolve) => watch.once('exit', resolve))
    watch.kill('SIGTERM')
    expect(await ended).toBe(0)
  })

  it('a file that grows is taken when it stands still', async () => {
    const folder = join(hub.directory, 'growing')
    mkdirSync(folder)
    const watch = hub.launch([...hub.watchArguments(folder), '--stable', '1.5'])
    const results = createInterface({ input: watch.stdout ?? process.stdin })[Symbol.asyncIterator]()
    const file = join(folder, 'grows.ndjson')
    // For longer than it must stand still.
    for (let index = 0; index < 8; index += 1) {
      appendFileSync(file, `${JSON.stringify(makeSale(index + 1, { workstationId: '99' }))}\n`)
      await sleep(250)
    }
    const { value } = await results.next()
    expect(JSON.parse(String(value))).toMatchObject({ outcome: 'done', slices: 8, recorded: 8 })
    const ended = new Promise((resolve) => watch.once('exit', resolve))
    watch.kill('SIGTERM')
    await ended
  })
})
