/** How an answer can be broken; `truncated` and `no-content` come after the effect, the others instead of it. */
export const brokenAnswers = ['error-body', 'html', 'truncated', 'no-content'] as const
export type BrokenAnswer = (typeof brokenAnswers)[number]

/** What goes wrong, and how often (rates from 0 to 1). Can be changed while the process runs. */
export interface Faults {
  /** Waited before every answer. */
  latencyMs: number
  errorRate: number
  errorStatus: number
  /** Sent with every error, when above zero. */
  retryAfterSeconds: number
  /** The connection is cut before anything is done. */
  resetRate: number
  /** No answer and no effect, until the caller goes away. */
  hangRate: number
  /** The effect is there and durable, then the connection is cut. */
  answerLostRate: number
  brokenRate: number
  brokenAnswer: BrokenAnswer
  /** References (or webhook subjects) that are refused for ever. */
  poison: string[]
  /** Share of all references that is refused for ever, always the same ones. */
  poisonRate: number
}

export const noFaults: Faults = {
  latencyMs: 0,
  errorRate: 0,
  errorStatus: 503,
  retryAfterSeconds: 0,
  resetRate: 0,
  hangRate: 0,
  answerLostRate: 0,
  brokenRate: 0,
  brokenAnswer: 'error-body',
  poison: [],
  poisonRate: 0,
}

/** Faults with changes from outside; throws a TypeError that says what is wrong. */
export function changeFaults(faults: Faults, changes: unknown): Faults {
  if (changes === null || typeof changes !== 'object' || Array.isArray(changes)) throw new TypeError('not an object')
  const changed: Record<string, unknown> = { ...faults }
  for (const [name, value] of Object.entries(changes)) {
    if (!Object.hasOwn(noFaults, name)) throw new TypeError('a fault of this name does not exist')
    if (!isFaultValue(name, value)) throw new TypeError(`${name} has a value that is not possible`)
    changed[name] = value
  }
  return changed as unknown as Faults
}

function isFaultValue(name: string, value: unknown): boolean {
  if (name === 'poison') return Array.isArray(value) && value.every((one) => typeof one === 'string')
  if (name === 'brokenAnswer') return (brokenAnswers as readonly unknown[]).includes(value)
  if (typeof value !== 'number' || !(value >= 0)) return false
  if (name.endsWith('Rate')) return value <= 1
  if (name === 'errorStatus') return Number.isInteger(value) && value >= 400 && value <= 599
  return Number.isFinite(value)
}

/** Whether a reference is refused for ever. The choice by rate is a hash, so that a retry never gets through. */
export function isPoisoned(faults: Faults, reference: string): boolean {
  if (faults.poison.includes(reference)) return true
  return faults.poisonRate > 0 && fraction(reference) < faults.poisonRate
}

/** FNV-1a with a final mix, as a number in [0, 1). */
function fraction(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32
}

/** Dice with a seed (mulberry32), so that a run can be repeated. */
export function createDice(seed: number): (rate: number) => boolean {
  let state = seed >>> 0
  return (rate) => {
    if (rate <= 0) return false
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32 < rate
  }
}
