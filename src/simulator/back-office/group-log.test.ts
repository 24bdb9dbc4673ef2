import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openGroupLog, readWholeLog } from './group-log.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tillflow-log-'))
})
afterAll(() => rm(directory, { recursive: true }))

describe('a group log', () => {
  it('has every record in its order when its append resolves', async () => {
    const path = join(directory, 'order.ndjson')
    const log = await openGroupLog(path)
    const appended = Array.from({ length: 500 }, (_, at) => log.append({ at }))
    await appended[499]
    expect(await readWholeLog(path)).toEqual(Array.from({ length: 500 }, (_, at) => ({ at })))
    await log.append({ at: 'later' })
    await log.close()
    expect((await readWholeLog(path)).at(-1)).toEqual({ at: 'later' })
  })

  it('is settled when what was appended before is on the disk', async () => {
    const path = join(directory, 'settled.ndjson')
    const log = await openGroupLog(path)
    await log.settled()
    void log.append({ at: 1 })
    await log.settled()
    expect(await readFile(path, 'utf8')).toBe('{"at":1}\n')
    await log.close()
  })

  it.each(['{"at":2', `{"at":"${'x'.repeat(200_000)}`])('goes on after a torn last line', async (torn) => {
    const path = join(directory, `torn-${torn.length}.ndjson`)
    const log = await openGroupLog(path)
    await log.append({ at: 1 })
    await log.close()
    await appendFile(path, torn)
    expect(await readWholeLog(path)).toEqual([{ at: 1 }])
    const again = await openGroupLog(path)
    await again.append({ at: 3 })
    await again.close()
    expect(await readWholeLog(path)).toEqual([{ at: 1 }, { at: 3 }])
  })

  it('is empty when only a torn line is there', async () => {
    const path = join(directory, 'only-torn.ndjson')
    await appendFile(path, '{"at"')
    await (await openGroupLog(path)).close()
    expect(await readFile(path, 'utf8')).toBe('')
  })
})
