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
