import { Problem } from '../contract/problem.ts'

export const passwordLengthMin = 12
export const passwordLengthMax = 128
const differentMin = 5
/** What guessers begin with; digits and signs around it change nothing. */
const wellKnown = [
  ...['password', 'passwort', 'motdepasse', 'contrasena', 'qwertyuiop', 'qwertzuiop', 'azertyuiop', 'asdfghjkl'],
  ...['letmein', 'welcome', 'willkommen', 'changeme', 'iloveyou', 'administrator', 'admin', 'tillflow', 'secret'],
]
const nameLengthMin = 4

/**
 * Refuses what is guessed first (NIST SP 800-63B: length and a list, no rules on kinds of characters). Throws Problem `password-unfit`, with
 * what is wrong and without the password.
 */
export function checkPassword(password: string, name: string): void {
  const text = password.normalize('NFKC')
  const characters = [...text]
  if (characters.length < passwordLengthMin) throw unfit(`It has fewer than ${passwordLengthMin} characters.`)
  if (characters.length > passwordLengthMax) throw unfit(`It has more than ${passwordLengthMax} characters.`)
  if (new Set(characters).size < differentMin) throw unfit('It repeats a few characters.')
  if (isRun(text)) throw unfit('It is a run of characters.')
  const plain = text.toLowerCase()
  if (wellKnown.includes(plain.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, '')))
    throw unfit('It is a word that everybody tries.')
  const ownName = name.normalize('NFKC').toLowerCase()
  if (ownName.length >= nameLengthMin && plain.includes(ownName)) throw unfit('The name stands in it.')
}

/** Each character the one after, or before, the one in front of it; of digits also from 9 to 0. */
function isRun(text: string): boolean {
  const codes = [...text].map((character) => character.codePointAt(0) ?? 0)
  const steps = codes.slice(1).map((code, index) => code - (codes[index] ?? 0))
  return [1, -1].some((step) => steps.every((one) => one === step || one === -9 * step))
}

function unfit(detail: string): Problem {
  return new Problem('password-unfit', detail)
}
