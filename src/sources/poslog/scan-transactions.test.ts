import fc from 'fast-check'
import { expect, it } from 'vitest'
import { cutAt } from '../../testing/source/cuts.ts'
import { TransactionScanner } from './scan-transactions.ts'

const transactions = [
  '<n:Transaction\r\n  a="1">\r\n<n:Description>Smörgås 🥪 &amp; kaffe</n:Description><n:Name>x</n:Name></n:Transaction>',
  '<n:Transaction/>',
  '<n:Transaction><n:A><![CDATA[<Transaction>]]></n:A><!-- 🥪 <n:Transaction> --></n:Transaction >',
]
const bytes = Buffer.from(
  `\uFEFF<?xml version="1.0"?>\r\n<n:POSLog xmlns:n="http://www.nrf-arts.org/IXRetail/namespace/">åäö${transactions.join('\r\nö ')}</n:POSLog>\n`,
)

function scan(pieces: readonly Buffer[]) {
  const scanner = new TransactionScanner()
  for (const piece of pieces) scanner.write(piece)
  scanner.end()
  return scanner.take()
}

it('cuts transactions out byte by byte, wherever the parser was fed from', () => {
  const positions = fc.uniqueArray(fc.nat({ max: bytes.length }), { maxLength: bytes.length })
  fc.assert(
    fc.property(positions, (cuts) => {
      const found = scan(cutAt(bytes, cuts))
      expect(found.map((one) => Buffer.from(one.bytes).toString())).toEqual(transactions)
      expect(found[0]?.element.children[0]?.text).toBe('Smörgås 🥪 & kaffe')
      expect(found[2]?.element.children[0]?.text).toBe('<Transaction>')
    }),
  )
})

it('is fed one byte at a time', () => {
  const single = Array.from({ length: bytes.length }, (_, at) => bytes.subarray(at, at + 1))
  expect(scan(single).map((one) => Buffer.from(one.bytes).toString())).toEqual(transactions)
})

it('holds one transaction and one piece, however many transactions follow each other without a gap', () => {
  const scanner = new TransactionScanner()
  scanner.write(Buffer.from('<POSLog xmlns="http://www.nrf-arts.org/IXRetail/namespace/">'))
  // No piece ends between two transactions, as in files without white space.
  const one = Buffer.from(`<Transaction><A>${'å'.repeat(500)}</A></Transaction>`)
  const piece = Buffer.concat([one.subarray(400), ...Array.from({ length: 9 }, () => one), one.subarray(0, 400)])
  scanner.write(one.subarray(0, 400))
  let found = 0
  let heldBytesMost = 0
  for (let count = 0; count < 100; count += 1) {
    scanner.write(piece)
    found += scanner.take().length
    heldBytesMost = Math.max(heldBytesMost, scanner.heldBytes)
  }
  expect(found).toBe(1000)
  expect(heldBytesMost).toBeLessThanOrEqual(one.length + piece.length)
})
