import type { SourceWriter } from '../../../contract/source.ts'
import type { Transaction } from '../../../domain/transaction/transaction.ts'
import { dialectNamespace, dialectPrefix } from './vocabulary.ts'
import { putTransaction } from './write-transaction.ts'

const head = `<?xml version="1.0" encoding="UTF-8"?>
<POSLog xmlns="http://www.nrf-arts.org/IXRetail/namespace/" xmlns:${dialectPrefix}="${dialectNamespace}" MajorVersion="6" MinorVersion="0" FixVersion="0">
`

/** POSLog 6.0: the standard's elements, and what it has no word for in a namespace of ours. */
export const writer: SourceWriter = {
  fileExtension: '.xml',
  mediaType: 'application/xml',
  canWrite,
  writeDocument(transactions) {
    let document = head
    for (const transaction of transactions) document += `${putTransaction(transaction)}\n`
    return `${document}</POSLog>\n`
  },
}

/** Everything but texts with U+0000 or half a surrogate pair, and extensions that are no interoperable JSON. */
function canWrite(transaction: Transaction): boolean {
  try {
    putTransaction(transaction)
    return true
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}
