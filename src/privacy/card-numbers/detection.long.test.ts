import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { passesLuhn } from './issuers.ts'
import { maskCardNumbers } from './mask-card-numbers.ts'
import {
  createSeededNumbers,
  groupCardNumber,
  makeCardNumber,
  type SeededNumbers,
  withGs1Digit,
  withLuhnDigit,
} from './seeded-numbers.ts'

const inScript = (zero: number) => (digits: string) =>
  digits.replace(/[0-9]/g, (digit) => String.fromCodePoint(zero + Number(digit)))
const inBase64 = (text: string, before: string) => Buffer.from(`${before}${text} danke`).toString('base64')

const spellings: Record<string, (number: string) => string> = {
  plain: (number) => number,
  spaces: (number) => groupCardNumber(number, ' '),
  hyphens: (number) => groupCardNumber(number, '-'),
  dots: (number) => groupCardNumber(number, '.'),
  'no-break spaces': (number) => groupCardNumber(number, '\u00a0'),
  'en dashes': (number) => groupCardNumber(number, '\u2013'),
  'full-width digits': inScript(0xff10),
  'full-width digits and spaces': (number) => groupCardNumber(inScript(0xff10)(number), '\u3000'),
  'Arabic digits': inScript(0x660),
  'Devanagari digits': inScript(0x966),
  'mathematical digits': inScript(0x1d7d8),
  'JSON escapes': (number) => number.replace(/./g, (digit) => `\\u003${digit}`),
  'XML references': (number) => number.replace(/./g, (digit) => `&#${48 + Number(digit)};`),
  'zero-padded': (number) => number.padStart(24, '0'),
  'followed by the expiry date': (number) => `${groupCardNumber(number, ' ')} 12/27`,
  'after another number': (number) => `2026 ${number}`,
  'touching a letter': (number) => `PAN${number}`,
  'base64, aligned': (number) => inBase64(number, ''),
  'base64, one off': (number) => inBase64(number, 'x'),
  'base64, two off, spaces': (number) => inBase64(groupCardNumber(number, ' '), 'No: yy'),
  base64url: (number) => Buffer.from(`?>~ ${number}`).toString('base64url'),
}

const places: Record<string, (spelled: string) => string> = {
  'a JSON note': (spelled) => `{"lines":[{"description":"Karte ${spelled} ok","gtin":"4006381333931"}]}`,
  'a JSON value': (spelled) => `{"customerName":"${spelled}","amount":"1.99"}`,
  'an XML text': (spelled) => `<Tender><Note xml:lang="de">${spelled}</Note></Tender>`,
  'an XML attribute': (spelled) => `<Tender Account="${spelled}"/>`,
  'a line of CSV': (spelled) => `0042;3;4711;${spelled};19.90\n`,
  'a file name': (spelled) => `receipt_${spelled}.xml`,
}

describe('ten thousand made-up card numbers', () => {
  for (const [spelling, spell] of Object.entries(spellings)) {
    it(`are all masked when written as ${spelling}`, () => {
      const numbers = createSeededNumbers(20_260_304)
      for (let turn = 0; turn < 10_000; turn += 1) {
        const number = makeCardNumber(numbers)
        const [name, place] = numbers.pick(Object.entries(places))
        const text = place(spell(number))
        const masked = maskCardNumbers(text)
        if (masked.maskedCount !== 1 || masked.text.length !== text.length) {
          expect.unreachable(`${name}: ${text} became ${masked.text} (${masked.maskedCount})`)
        }
        const middle = number.slice(6, -4)
        if (number.length > 14 && spelling === 'plain') expect(masked.text.includes(middle)).toBe(false)
      }
    })
  }
})

/** Receipts as retailers number them: store, till, day and sequence in some order, or a running number. */
function makeReceiptNumber(numbers: SeededNumbers): string {
  const store = String(1 + numbers.below(9999)).padStart(4, '0')
  const till = String(1 + numbers.below(60)).padStart(numbers.pick([2, 3]), '0')
  const day = `20${20 + numbers.below(10)}${String(1 + numbers.below(12)).padStart(2, '0')}${String(1 + numbers.below(28)).padStart(2, '0')}`
  const sequence = String(numbers.below(100_000)).padStart(numbers.pick([4, 5, 6]), '0')
  return numbers.pick([
    () => store + till + day + sequence,
    () => day + store + till + sequence,
    () => store + day.slice(2) + till + sequence,
    () => `${store}-${till}-${day}-${sequence}`,
    () => numbers.digits(16),
  ])()
}

function hexadecimal(numbers: SeededNumbers, length: number): string {
  return Array.from({ length }, () => numbers.below(16).toString(16)).join('')
}

const makers: Record<string, (numbers: SeededNumbers) => string> = {
  'GTIN-13': (n) => `"gtin":"${withGs1Digit(`40${n.digits(10)}`)}"`,
  'EAN of any country, in a text': (n) => `"description":"EAN ${withGs1Digit(n.digits(12))}"`,
  'restricted EAN, scanned': (n) => `<POSItemID>${withGs1Digit(`2${n.digits(11)}`)}</POSItemID>`,
  'GTIN-14, case pack': (n) => `"gtin":"${withGs1Digit(`${1 + n.below(8)}${n.digits(12)}`)}"`,
  'GTIN-14, zero-padded': (n) => `<acs:ItemID>${withGs1Digit(n.digits(11)).padStart(14, '0')}</acs:ItemID>`,
  'GTIN-14 in a text': (n) => `"description":"case ${withGs1Digit(`${1 + n.below(8)}${n.digits(12)}`)}"`,
  'receipt number': (n) => `"receiptNumber":"${makeReceiptNumber(n)}"`,
  'receipt number in XML': (n) => `<ReceiptNumber>${makeReceiptNumber(n)}</ReceiptNumber>`,
  'reference number': (n) => `"reference_number": ${1 + n.below(9)}${n.digits(14)}`,
  'loyalty number with a Luhn digit': (n) =>
    `"loyaltyAccountId":"${withLuhnDigit(`${n.pick(['308342', '634004', '9826', '2790', '6006'])}${n.digits(9)}`)}"`,
  'padded loyalty number': (n) => `<acs:LoyaltyID>${`4000${n.digits(7)}`.padStart(25, '0')}</acs:LoyaltyID>`,
  'time in microseconds': (n) => `"t":17${n.digits(14)}`,
  UUID: (n) =>
    `"id":"${hexadecimal(n, 8)}-${hexadecimal(n, 4)}-4${hexadecimal(n, 3)}-8${hexadecimal(n, 3)}-${hexadecimal(n, 12)}"`,
  'hash in a text': (n) => `"note":"sha256 ${hexadecimal(n, 64)}"`,
}

describe('a hundred thousand numbers that are no cards', () => {
  const numbers = createSeededNumbers(4711)
  const names = Object.keys(makers)
  const falseAlarms = new Map<string, number>()
  let luhnHits = 0
  const total = 100_000
  for (let turn = 0; turn < total; turn += 1) {
    const name = names[turn % names.length] ?? ''
    const text = makers[name]?.(numbers) ?? ''
    const digits = text.replace(/[^0-9]/g, '')
    if (passesLuhn(digits)) luhnHits += 1
    if (maskCardNumbers(`{${text},"a":1}`).maskedCount > 0) falseAlarms.set(name, (falseAlarms.get(name) ?? 0) + 1)
  }
  const alarmCount = [...falseAlarms.values()].reduce((sum, count) => sum + count, 0)
  console.log(`false alarms: ${((alarmCount / total) * 100).toFixed(3)} %`, Object.fromEntries(falseAlarms))

  it('are masked in at most half a percent of cases', () => {
    expect(alarmCount / total).toBeLessThanOrEqual(0.005)
  })

  it('would be hit twenty times as often by Luhn alone, so that the test can see false alarms', () => {
    expect(luhnHits / total).toBeGreaterThan(0.1)
  })
})

const samples = new URL('../../../../shared/samples/', import.meta.url)
describe.skipIf(!existsSync(samples))('published files of real systems', () => {
  it.each([
    'poslog/ncr-acs/POSLog.xml',
    'poslog/ncr-acs/SMALL.xml',
    'poslog/digital-receipt/swe-standard-dr-sample-1.xml',
    'shopify/order.json',
    'shopify/tender_transactions.json',
  ])('come out of %s as they were', (name) => {
    const text = readFileSync(new URL(name, samples), 'utf8')
    const masked = maskCardNumbers(text)
    console.log(
      `${name}: ${masked.maskedCount} card numbers, ${text.match(/\d{14,}/g)?.length ?? 0} runs of 14 digits and more`,
    )
    expect(masked).toEqual({ text, maskedCount: 0 })
  })
})
if (!existsSync(samples))
  console.warn('SKIPPED: the folder shared/samples is not there; no published files were looked at')
