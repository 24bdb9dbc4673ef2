import { expect, it } from 'vitest'
import type { ReadContext, Source, SourceWriter } from '../../contract/source.ts'
import type { Transaction } from '../../domain/transaction/transaction.ts'
import { readAll, transactionsIn } from './read-all.ts'

/** What a format that can be written promises: what was read, written and read again is what was read. */
export function describeWriter(source: Source, writer: SourceWriter, bytes: Buffer, context: ReadContext): void {
  const read = async (document: Buffer): Promise<Transaction[]> =>
    transactionsIn(await readAll(source, [document], context)).map(({ transaction }) => transaction)

  it('is written and read again without a loss', async () => {
    const written = (await read(bytes)).filter((transaction) => writer.canWrite(transaction))
    if (written.length === 0) return
    const document = Buffer.from(writer.writeDocument(written, context))
    expect(source.recognises(document.subarray(0, 4096))).toBe(true)
    expect(await read(document)).toEqual(written)
  })

  it('is written with the same bytes each time', async () => {
    const written = (await read(bytes)).filter((transaction) => writer.canWrite(transaction))
    expect(writer.writeDocument(written, context)).toBe(writer.writeDocument(structuredClone(written), context))
  })
}
