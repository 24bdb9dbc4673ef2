/** A seeded source of chance (sfc32): the same seed gives the same shoppers on every machine. */
export class Dice {
  #a: number
  #b: number
  #c: number
  #counter: number

  constructor(seed: number, stream = 0, substream = 1) {
    this.#a = seed >>> 0
    this.#b = (seed / 4_294_967_296) >>> 0
    this.#c = stream >>> 0
    this.#counter = substream | 0
    for (let round = 0; round < 15; round += 1) this.next()
  }

  /** Dice of their own for something that has a name: a till's day must not depend on who rolled before it. */
  static named(seed: number, ...parts: readonly (string | number)[]): Dice {
    const name = parts.join('/')
    return new Dice(seed, hash(name, 0x811c9dc5), hash(name, 0x9747b28c))
  }

  /** A number in [0, 1). */
  next(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (this.#c << 21) | (this.#c >>> 11)
    this.#c = (this.#c + sum) | 0
    return (sum >>> 0) / 4_294_967_296
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  /** A whole number from `least` to `most`. */
  between(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1))
  }

  pick<Item>(items: readonly Item[]): Item {
    const item = items[Math.floor(this.next() * items.length)]
    if (item === undefined) throw new RangeError('there is nothing to pick from')
    return item
  }

  /** A count with a long tail: mostly small, now and then large. */
  longTail(mean: number, most: number): number {
    return Math.min(most, 1 + Math.floor(-Math.log(1 - this.next()) * mean))
  }
}

/** FNV-1a over the UTF-16 units: names differ in a digit, their streams must not look alike (the rounds above see to that). */
function hash(text: string, start: number): number {
  let value = start
  for (let index = 0; index < text.length; index += 1) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193)
  return value >>> 0
}
