import {
  createSeededNumbers,
  groupCardNumber,
  type SeededNumbers,
  withLuhnDigit,
} from '../../src/privacy/card-numbers/seeded-numbers.ts'

/** Beginnings and lengths of every issuer range, by hand from ISO/IEC 7812: what the scanner has in its own table is not asked. */
const ranges: readonly (readonly [beginnings: string, lengths: readonly number[]])[] = [
  ['4', [16, 19]],
  ['51 52 53 54 55 2221 2300 2500 2699 2720', [16]],
  ['34 37', [15]],
  ['6011 644 647 649 65', [16, 17, 18, 19]],
  ['3528 3550 3589', [16, 17, 18, 19]],
  ['300 305 3095 36 38 39', [14, 16, 19]],
  ['62 81', [16, 17, 18, 19]],
  ['5018 5020 5038 5612 5893 6304 6759 6761 6763 676770', [16, 17, 18, 19]],
  ['2200 2204', [16, 17, 18, 19]],
  ['9792', [16]],
]
const shapes = ranges.flatMap(([beginnings, lengths]) =>
  beginnings.split(' ').flatMap((beginning) => lengths.map((length) => ({ beginning, length }))),
)

const inFullWidth = (digits: string) =>
  digits.replace(/[0-9]/g, (digit) => String.fromCodePoint(0xff10 + Number(digit)))

const spellings: readonly ((number: string) => string)[] = [
  (number) => number,
  (number) => `paid with ${number}, thanks`,
  (number) => groupCardNumber(number, ' '),
  (number) => `${groupCardNumber(number, '-')} 12/27`,
  (number) => groupCardNumber(number, '.'),
  (number) => groupCardNumber(number, '\u00a0'),
  (number) => groupCardNumber(number, '\u2013'),
  inFullWidth,
  (number) => groupCardNumber(inFullWidth(number), '\u3000'),
  (number) => number.padStart(24, '0'),
  (number) => Buffer.from(`No: ${number} danke`).toString('base64'),
  (number) => Buffer.from(`x${groupCardNumber(number, ' ')} danke`).toString('base64'),
]

/** Numbers that were never given out before, written as people and tills write them. */
export interface MadeUpNumbers {
  /** Digits only, at least fifteen: fourteen may be the number of a case of goods. */
  plain(): string
  /** Of a range that nobody but a bank gives out numbers of. */
  ofBank(): string
  /** In one of many spellings, every length and range in turn. */
  spelled(): string
  /** A JSON number, without quotes. */
  bare(): number
  /** All that were given out. */
  all(): ReadonlySet<string>
}

export function makeUpNumbers(seed: number): MadeUpNumbers {
  const numbers = createSeededNumbers(seed)
  const given = new Set<string>()
  let turn = 0
  const next = (suits: (number: string) => boolean): string => {
    for (;;) {
      const { beginning, length } = shapes[turn % shapes.length] ?? shapes[0] ?? { beginning: '4', length: 16 }
      turn += 1
      const number = withLuhnDigit(beginning + numbers.digits(length - 1 - beginning.length))
      if (!suits(number) || given.has(number)) continue
      given.add(number)
      return number
    }
  }
  return {
    plain: () => next((number) => number.length > 14),
    ofBank: () => next((number) => /^(?:4(?:.{15}|.{18})|5[1-5].{14}|3[47].{13})$/.test(number)),
    spelled: () =>
      spell(
        numbers,
        next(() => true),
      ),
    bare: () => Number(next((number) => number.length < 17 && Number.isSafeInteger(Number(number)))),
    all: () => given,
  }
}

function spell(numbers: SeededNumbers, number: string): string {
  return numbers.pick(spellings)(number)
}
