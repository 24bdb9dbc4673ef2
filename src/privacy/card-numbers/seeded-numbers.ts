/** Numbers for tests: the same seed gives the same numbers on every machine. Every card number here is made up. */
export interface SeededNumbers {
  /** An integer from 0 to below `limit`. */
  below(limit: number): number
  pick<Value>(values: readonly Value[]): Value
  digits(count: number): string
}

export function createSeededNumbers(seed: number): SeededNumbers {
  let state = seed >>> 0
  // Mulberry32: small, and good enough to spread digits evenly.
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number) => Math.floor(next() * limit)
  return {
    below,
    pick: (values) => {
      const value = values[below(values.length)]
      if (value === undefined) throw new RangeError('nothing to pick from')
      return value
    },
    digits: (count) => Array.from({ length: count }, () => below(10)).join(''),
  }
}

const cardShapes: readonly (readonly [prefixes: readonly string[], length: number])[] = [
  [['4'], 16],
  [['4'], 19],
  [['51', '52', '53', '54', '55', '2221', '2300', '2500', '2699', '2720'], 16],
  [['34', '37'], 15],
  [['6011', '644', '649', '65'], 16],
  [['3528', '3550', '3589'], 16],
  [['300', '305', '3095', '36', '38', '39'], 14],
  [['62'], 16],
  [['62'], 17],
  [['62'], 19],
  [['5018', '5020', '5038', '5893', '6304', '6759', '6761', '6763'], 16],
  [['5018', '6304', '6759'], 18],
]

export function makeCardNumber(numbers: SeededNumbers): string {
  const [prefixes, length] = numbers.pick(cardShapes)
  const prefix = numbers.pick(prefixes)
  return withLuhnDigit(prefix + numbers.digits(length - 1 - prefix.length))
}

export function withLuhnDigit(body: string): string {
  let sum = 0
  for (let fromEnd = 0; fromEnd < body.length; fromEnd += 1) {
    const digit = Number(body.charAt(body.length - 1 - fromEnd))
    sum += fromEnd % 2 === 1 ? digit : digit < 5 ? digit * 2 : digit * 2 - 9
  }
  return body + ((10 - (sum % 10)) % 10)
}

export function withGs1Digit(body: string): string {
  let sum = 0
  for (let fromEnd = 0; fromEnd < body.length; fromEnd += 1) {
    sum += Number(body.charAt(body.length - 1 - fromEnd)) * (fromEnd % 2 === 0 ? 3 : 1)
  }
  return body + ((10 - (sum % 10)) % 10)
}

/** As it is pressed on the card. */
export function groupCardNumber(number: string, separator: string): string {
  const sizes = number.length === 15 ? [4, 6, 5] : number.length === 14 ? [4, 6, 4] : [4, 4, 4, 4, 3]
  let start = 0
  const groups = sizes.map((size) => {
    const group = number.slice(start, start + size)
    start += size
    return group
  })
  return groups.filter((group) => group !== '').join(separator)
}
