import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Connection, DeliveryEvent } from '../../contract/connector.ts'
import { compare, decimal, sum } from '../../domain/decimal.ts'
import { balancedSale, makeEvent } from './events.ts'

export interface TranslationSamples {
  /** Directory with pairs `<name>.ours.json` (a delivery event) and `<name>.theirs.<extension>`; JSON `null`: it is skipped. */
  directory: string
  /** `json` is compared as a value, anything else as text. */
  extension: string
}

/** The money in what is sent, as decimal strings in the currency of the receipt. */
export interface SentAmounts {
  total: string
  tax: string
  /** What must add up to the total, if it is sent. */
  parts?: string[]
  payments?: string[]
}

/** What is sent: pairs of samples, purity, and amounts that stay what they are. */
export function describeTranslation(
  connect: () => Connection,
  samples: TranslationSamples,
  amountsOf: (sent: unknown, event: DeliveryEvent) => SentAmounts,
): void {
  describe('translation', () => {
    const names = readdirSync(samples.directory)
      .filter((name) => name.endsWith('.ours.json'))
      .map((name) => name.slice(0, -'.ours.json'.length))

    it('has samples', () => {
      expect(names.length).toBeGreaterThan(0)
    })

    it.each(names)('makes theirs of ours: %s', (name) => {
      const ours = readEvent(join(samples.directory, `${name}.ours.json`))
      const theirs = readFileSync(join(samples.directory, `${name}.theirs.${samples.extension}`), 'utf8')
      const sent = connect().preview?.(ours)
      if (samples.extension === 'json') expect(toJson(sent)).toEqual(JSON.parse(theirs))
      else expect(sent).toBe(theirs)
    })

    it.each(names)('changes nothing and depends on nothing but the event: %s', (name) => {
      const ours = deepFreeze(readEvent(join(samples.directory, `${name}.ours.json`)))
      const first = JSON.stringify(connect().preview?.(ours))
      expect(JSON.stringify(connect().preview?.(structuredClone(ours)))).toBe(first)
    })

    it('keeps every amount to the cent', () => {
      const connection = connect()
      fc.assert(
        fc.property(balancedSale, (transaction) => {
          const event = makeEvent(transaction)
          const { total, tax, parts, payments } = amountsOf(connection.preview?.(event), event)
          expectSame(total, transaction.totals?.grandTotal)
          expectSame(tax, transaction.totals?.taxTotal)
          for (const list of [parts, payments]) if (list) expectSum(list, total)
        }),
      )
    })
  })
}

function expectSame(sent: string, own: string | undefined): void {
  expect(compare(decimal(sent), decimal(own ?? '0')), `${sent} is sent for ${own}`).toBe(0)
}

function expectSum(amounts: readonly string[], total: string): void {
  expect(compare(sum(amounts.map(decimal)), decimal(total)), `${amounts.join(' + ')} is not ${total}`).toBe(0)
}

function readEvent(path: string): DeliveryEvent {
  return JSON.parse(readFileSync(path, 'utf8')) as DeliveryEvent
}

/** As it is on the wire: members without a value are not there. */
function toJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value) ?? 'null')
}

function deepFreeze<Value>(value: Value): Value {
  if (value === null || typeof value !== 'object') return value
  for (const member of Object.values(value)) deepFreeze(member)
  return Object.freeze(value)
}
