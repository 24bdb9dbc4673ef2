import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DeliveryEvent } from '../../contract/connector.ts'
import { silentLogger } from '../../contract/logger.ts'
import { recordContext } from '../../testing/connector/context.ts'
import { makeEvent } from '../../testing/connector/events.ts'
import { describeConnectorConformance } from '../../testing/connector-conformance.ts'
import { file } from './connector.ts'
import { harmless, readRecords, textCell } from './csv.ts'

const noFetch = () => expect.unreachable()
let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tillflow-file-'))
})
afterAll(() => rm(directory, { recursive: true }))

for (const format of ['ndjson', 'csv']) {
  describe(format, () => {
    describeConnectorConformance(file, {
      settings: { directory: '/srv/tillflow', format },
      samples: { directory: join(import.meta.dirname, 'samples'), extension: format },
      amountsOf: (sent) => amountsOf(String(sent), format),
    })
  })
}

function amountsOf(text: string, format: string) {
  if (format === 'ndjson') {
    const { grandTotal = '', taxTotal = '' } = (JSON.parse(text) as DeliveryEvent).transaction.totals ?? {}
    return { total: grandTotal, tax: taxTotal }
  }
  const [header = [], row = []] = readRecords(text)
  return { total: row[header.indexOf('grandTotal')] ?? '', tax: row[header.indexOf('taxTotal')] ?? '' }
}

describe('the files', () => {
  const connect = (format = 'ndjson') =>
    file.connect({ directory, format }, { logger: silentLogger, allowPrivateNetwork: false })
  const day = () => join(directory, '2026-03-02')

  it('keep what is there, and leave nothing half-written or temporary', async () => {
    const event = makeEvent()
    await connect().postTransaction?.(event, recordContext(noFetch).context)
    const path = join(day(), `${event.eventId}.ndjson`)
    const first = await readFile(path, 'utf8')
    await connect().postTransaction?.(event, recordContext(noFetch).context)
    expect(await readFile(path, 'utf8')).toBe(first)
    expect(JSON.parse(first)).toMatchObject({ eventId: event.eventId, transaction: { currency: 'EUR' } })
    expect((await readdir(day())).filter((name) => name.startsWith('.'))).toEqual([])
  })

  it('that a crash left half-written are removed, those of a writer at work are not', async () => {
    const left = join(day(), '.00000000-0000-4000-8000-000000000000.tmp')
    const young = join(day(), '.00000000-0000-4000-8000-000000000001.tmp')
    await connect().postTransaction?.(makeEvent(), recordContext(noFetch).context)
    for (const path of [left, young]) await writeFile(path, '{"half')
    await utimes(left, 0, 0)
    const context = recordContext(noFetch, { now: () => Date.now() }).context
    await connect().postTransaction?.(makeEvent(), context)
    const names = await readdir(day())
    expect(names).not.toContain('.00000000-0000-4000-8000-000000000000.tmp')
    expect(names).toContain('.00000000-0000-4000-8000-000000000001.tmp')
    const records = connect().readStoreDay?.({ businessUnitId: '9', businessDayDate: '2026-03-02' }, context)
    for await (const record of records ?? []) expect(record.documents).toHaveLength(1)
    await rm(young)
  })

  it('are a retry while the directory cannot be written', async () => {
    await writeFile(join(directory, 'occupied'), '')
    const blocked = file.connect(
      { directory: join(directory, 'occupied') },
      { logger: silentLogger, allowPrivateNetwork: false },
    )
    const outcome = await blocked.postTransaction?.(makeEvent(), recordContext(noFetch).context)
    expect(outcome).toEqual({ kind: 'retry', reason: 'the file could not be written (ENOTDIR)' })
  })

  it.each(['../../etc/cron.d/x', 'a/b', '..', 'a\u0000b', ''])(
    'never take their name from elsewhere: %j',
    async (eventId) => {
      const outcome = await connect().postTransaction?.(makeEvent(undefined, eventId), recordContext(noFetch).context)
      expect(outcome?.kind).toBe('retry')
    },
  )

  it('are not begun when the time is over', async () => {
    const { context, abort } = recordContext(noFetch)
    abort()
    const event = makeEvent()
    expect((await connect().postTransaction?.(event, context))?.kind).toBe('retry')
    expect(await connect().findPosting?.(event, context)).toBeUndefined()
  })

  it('want an absolute directory', () => {
    const relative = () => file.connect({ directory: 'out' }, { logger: silentLogger, allowPrivateNetwork: false })
    expect(relative).toThrow(expect.objectContaining({ code: 'settings-invalid' }))
  })
})

describe('cells of text', () => {
  it.each(['=1+1', '+1', '-1', '@sum', '\t=1', '\r=1', '\n=1', '＝1'])('run no formula: %j', (text) => {
    expect(textCell(text)).toBe(`"'${text}"`)
  })

  it('come back as they were written, whatever is in them', () => {
    const text = fc.string({ unit: fc.constantFrom('"', ',', '\r', '\n', '=', "'", 'a', 'ü', ' ') })
    fc.assert(
      fc.property(fc.array(fc.array(text, { minLength: 2, maxLength: 5 }), { minLength: 1 }), (rows) => {
        const written = rows.map((row) => `${row.map(textCell).join(',')}\r\n`).join('')
        expect([...readRecords(written)]).toEqual(
          rows.map((row) => row.map((cell) => (cell === '' ? '' : harmless(cell)))),
        )
      }),
    )
  })
})
