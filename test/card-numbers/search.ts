/** Fourteen digits in a row of a number are the number: one that was cut off at either end is found too. */
const pieceLength = 14

/**
 * Looks for given card numbers in whatever text comes: every spelling is undone in the text, and what is left is compared with the
 * numbers themselves. It knows nothing of issuers, fields and surroundings, and shares no code with the scanner.
 */
export class NumberSearch {
  readonly #pieces = new Map<string, string>()

  constructor(numbers: Iterable<string>) {
    for (const number of numbers) {
      for (let at = 0; at + pieceLength <= number.length; at += 1)
        this.#pieces.set(number.slice(at, at + pieceLength), number)
    }
  }

  /** The numbers that stand in a text, and in base64 words of it. */
  in(text: string): Set<string> {
    const found = new Set<string>()
    for (const digits of digitRuns(text)) {
      for (let at = 0; at + pieceLength <= digits.length; at += 1) {
        const number = this.#pieces.get(digits.slice(at, at + pieceLength))
        if (number !== undefined) found.add(number)
      }
    }
    return found
  }
}

/** Every run of fourteen digits and more, without what stands between digits. */
function* digitRuns(text: string): Generator<string> {
  yield* runsIn(text)
  for (const [word] of text.matchAll(/[A-Za-z0-9+/_-]{20,}/g)) {
    // Read as base64, hexadecimal (what is sealed, ids) has no byte that is a digit or stands between two, at the first place of any three.
    if (/^x?[0-9a-f-]+$/.test(word)) continue
    // A word of base64 may begin anywhere in what looks like one.
    for (let from = 0; from < 4; from += 1) yield* runsIn(Buffer.from(word.slice(from), 'base64').toString('latin1'))
  }
}

function* runsIn(text: string): Generator<string> {
  const written = text
    .replace(/\\u([0-9a-fA-F]{4})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 16)))
    .replace(/&#(\d{1,6});/g, (_, code) => String.fromCodePoint(Math.min(Number(code), 0x10ffff)))
    .normalize('NFKC')
  for (const [run] of written.matchAll(/\d(?:[ .\-\u2010-\u2015]?\d){13,}/g)) yield run.replace(/\D/g, '')
}
