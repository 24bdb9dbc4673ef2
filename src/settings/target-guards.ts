import type { Problem } from '../contract/problem.ts'

type Fail = (what: string) => Problem

const rateMax = 10_000
const answerMinBytes = 1_024
const answerMaxBytes = 16_777_216
const storesMax = 10_000

/** The least burst that workers can share: a slice of a tenth of a second, and one request. */
export function leastBurst(ratePerSecond: number): number {
  return Math.ceil(1 + ratePerSecond / 10)
}

/** What protects a target: its rate, and how much of an answer is read. */
export function checkGuards(target: Record<string, unknown>, fail: Fail): void {
  const { ratePerSecond, rateBurst, answerMaxBytes: answer } = target
  if (ratePerSecond !== undefined && !isNumber(ratePerSecond, 0.01, rateMax))
    throw fail(`needs ratePerSecond as a number from 0.01 to ${rateMax}`)
  if (rateBurst !== undefined) {
    if (typeof ratePerSecond !== 'number') throw fail('has a rateBurst and no ratePerSecond')
    const least = leastBurst(ratePerSecond)
    if (!Number.isSafeInteger(rateBurst) || !isNumber(rateBurst, least, rateMax))
      throw fail(`needs rateBurst as a whole number from ${least} to ${rateMax}`)
  }
  if (answer !== undefined && !(Number.isSafeInteger(answer) && isNumber(answer, answerMinBytes, answerMaxBytes)))
    throw fail(`needs answerMaxBytes as a whole number from ${answerMinBytes} to ${answerMaxBytes}`)
}

/** Another connection of the target, for trial: beside it (`shadow`), or for some stores (`canary`). */
export function checkTrial(value: unknown, name: 'shadow' | 'canary', own: readonly string[], fail: Fail): void {
  if (value === undefined) return
  if (!isObject(value)) throw fail(`needs ${name} as an object`)
  const unknown = Object.keys(value).find((field) => ![...own, 'connector', 'settings'].includes(field))
  if (unknown !== undefined) throw fail(`has no field ${name}.${unknown}`)
  const { connector, settings, name: trialName, stores, percent } = value
  if (connector === undefined && settings === undefined) throw fail(`needs a connector or settings in ${name}`)
  if (connector !== undefined && typeof connector !== 'string') throw fail(`needs ${name}.connector as text`)
  if (settings !== undefined && !isObject(settings)) throw fail(`needs ${name}.settings as an object`)
  if (name === 'shadow') {
    if (typeof trialName !== 'string' || !/^[a-z0-9][a-z0-9-]{0,62}$/.test(trialName))
      throw fail('needs shadow.name of small letters, digits and hyphens')
    return
  }
  if ((stores === undefined) === (percent === undefined)) throw fail('needs either stores or percent in canary')
  if (percent !== undefined && !isNumber(percent, 0, 100)) throw fail('needs canary.percent as a number from 0 to 100')
  const isList = Array.isArray(stores) && stores.length <= storesMax && stores.every((one) => typeof one === 'string')
  if (stores !== undefined && !isList) throw fail('needs canary.stores as a list of store ids')
}

function isNumber(value: unknown, minimum: number, maximum: number): value is number {
  return typeof value === 'number' && value >= minimum && value <= maximum
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}
