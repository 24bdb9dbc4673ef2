import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maskCardNumbers } from './mask-card-numbers.ts'
import { maskCardNumbersInStream } from './mask-in-stream.ts'
import { createSeededNumbers, groupCardNumber, makeCardNumber } from './seeded-numbers.ts'

async function stream(bytes: Buffer, chunkLengths: readonly number[], onMasked = () => {}): Promise<Buffer> {
  const chunks: Buffer[] = []
  let turn = 0
  for (let start = 0; start < bytes.length; ) {
    const length = Math.max(1, chunkLengths[turn % chunkLengths.length] ?? 1)
    chunks.push(bytes.subarray(start, start + length))
    start += length
    turn += 1
  }
  const parts: Uint8Array[] = []
  for await (const part of maskCardNumbersInStream(chunks, { onMasked })) parts.push(part)
  return Buffer.concat(parts)
}

const card = fc.nat().map((seed) => makeCardNumber(createSeededNumbers(seed)))
const piece = fc.oneof(
  card,
  card.map((pan) => groupCardNumber(pan, ' ')),
  card.map((pan) => `{"receiptNumber":"${pan}"},`),
  card.map((pan) => `<LoyaltyID type="x">${pan}</LoyaltyID>`),
  card.map((pan) => `"pan": ${pan},`),
  card.map((pan) => Buffer.from(`Zahlung mit ${pan} um 12 Uhr`).toString('base64')),
  card.map((pan) => pan.replace(/[0-9]/g, (digit) => String.fromCodePoint(0xff10 + Number(digit)))),
  card.map((pan) => pan.replace(/./g, (digit) => `&#${48 + Number(digit)};`)),
  fc.constantFrom(' ', '\n', '"', ',', '0', '42', 'Größe €', '😀', '"serialNumbers":[', '"a":', '\\u00e4', 'MDEx'),
  fc.constantFrom('x'.repeat(700), '7'.repeat(600), 'MTIz'.repeat(300), 'lorem ipsum '.repeat(60)),
  fc.string({ unit: 'grapheme' }),
)

describe('masking a stream', () => {
  it('gives the bytes of the whole text, wherever the chunks are cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('', '{', '<a>', '\n ['),
        fc.array(
          fc.array(piece, { maxLength: 30 }).map((parts) => parts.join('')),
          { maxLength: 6 },
        ),
        fc.array(fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 9000, max: 20_000 })), { minLength: 1 }),
        async (start, parts, chunkLengths) => {
          // Long enough for several pieces to be passed on.
          const body = start + parts.join(`","${'filler text, '.repeat(1000)}","`)
          const bytes = Buffer.from(body)
          const expected = Buffer.from(maskCardNumbers(bytes.toString()).text)
          expect((await stream(bytes, chunkLengths)).equals(expected)).toBe(true)
        },
      ),
      { numRuns: 150 },
    )
  })

  it('finds a number at every border of pieces', async () => {
    const filler = 'a,'.repeat(8192 - 300)
    for (let shift = 0; shift < 700; shift += 1) {
      const bytes = Buffer.from(`${filler}${'b'.repeat(shift)}"4111 1111 1111 1111","gtin":"30000000000087"${filler}`)
      const masked = await stream(bytes, [16 * 1024])
      expect(masked.includes('"4111 11XX XXXX 1111","gtin":"30000000000087"')).toBe(true)
      expect(masked.length).toBe(bytes.length)
    }
  })

  it('passes bytes that are not UTF-8 on as they are, and still masks', async () => {
    const bytes = Buffer.concat([
      Buffer.from([0xe4, 0xff, 0x00, 0xc3]),
      Buffer.from(' 4111111111111111 '),
      Buffer.from([0xf6]),
    ])
    const masked = await stream(bytes, [3])
    expect(masked.toString('latin1')).toBe(bytes.toString('latin1').replace('4111111111111111', '411111XXXXXX1111'))
  })

  it('says whether anything was changed', async () => {
    let maskedCount = 0
    const count = () => {
      maskedCount += 1
    }
    await stream(Buffer.from('{"gtin":"30000000000087"}'), [5], count)
    expect(maskedCount).toBe(0)
    await stream(Buffer.from('{"note":"4111111111111111"}'), [5], count)
    expect(maskedCount).toBe(1)
  })

  it('holds no more than a bounded part of an endless run back', async () => {
    let fed = 0
    let passedOn = 0
    let heldMax = 0
    function* endless() {
      for (let turn = 0; turn < 40; turn += 1) {
        heldMax = Math.max(heldMax, fed - passedOn)
        fed += 65_536
        yield Buffer.alloc(65_536, '7')
      }
    }
    for await (const part of maskCardNumbersInStream(endless())) passedOn += part.length
    expect(passedOn).toBe(40 * 65_536)
    expect(heldMax).toBeLessThan(1.5 * 1024 * 1024)
  })
})
