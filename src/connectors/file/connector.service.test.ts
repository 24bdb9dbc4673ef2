import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { describeRealTarget } from '../../testing/connector-conformance.ts'
import { file } from './connector.ts'

const noFetch = () => expect.unreachable()
let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tillflow-file-'))
})
afterAll(() => rm(directory, { recursive: true }))

// Each document is synced to the disk.
describe.each(['ndjson', 'csv'])('%s', (format) => {
  describeRealTarget(file, async () => {
    const own = join(directory, format, 'deep', 'down')
    return {
      settings: { directory: own, format },
      fetch: noFetch,
      countEffects: async () =>
        (await readdir(own, { recursive: true }).catch(() => [])).filter((name) => name.endsWith(format)).length,
      stop: async () => {},
    }
  })
})
