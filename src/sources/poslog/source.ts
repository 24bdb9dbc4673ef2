import type { ReadContext, ReadResult, Source } from '../../contract/source.ts'
import { inPieces } from './decode.ts'
import { writer } from './dialect/write.ts'
import { pieceBytes } from './limits.ts'
import { readTransaction } from './read-transaction.ts'
import { TransactionScanner } from './scan-transactions.ts'

/** ARTS POSLog 2.x and 6.0 and ARTS Digital Receipt 2.0 (NRF, later OMG), with the dialects of several vendors. */
export const poslog: Source = {
  name: 'poslog',
  title: 'ARTS POSLog and Digital Receipt',
  features: {
    completeness: 'numbered',
    identity: 'till-number',
    mediaTypes: ['application/xml', 'text/xml'],
    fileExtensions: ['.xml', '.poslog'],
  },
  recognises: (head) => {
    const text = Buffer.from(head).toString('latin1')
    return /^(ï»¿)?\s*</.test(text) && /<([\w.-]+:)?(POSLog|DigitalReceipt)[\s/>]/.test(text)
  },
  writer,
  read,
}

/** What was read before a document turns out to be broken is yielded first; then the problem is thrown. */
async function* read(
  input: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  context: ReadContext,
): AsyncGenerator<ReadResult> {
  const scanner = new TransactionScanner()
  for await (const piece of inPieces(input, pieceBytes)) {
    const broken = attempt(() => scanner.write(piece))
    for (const { element, bytes } of scanner.take()) yield readTransaction(element, bytes, context)
    if (broken) throw broken.error
  }
  scanner.end()
}

function attempt(step: () => void): { error: unknown } | undefined {
  try {
    step()
    return undefined
  } catch (error) {
    return { error }
  }
}
