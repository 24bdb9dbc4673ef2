import { Problem } from '../../contract/problem.ts'

/** Every way in which a simulated till misbehaves: how often it does under `light` and `heavy`, and of what the rate is a share. */
export const faults = {
  offline: {
    of: 'till days',
    light: 0.02,
    heavy: 0.2,
    description:
      'The till loses its line for a while, or over night; what it sold meanwhile is uploaded after newer receipts.',
  },
  'wrong-clock': {
    of: 'till days',
    light: 0.01,
    heavy: 0.1,
    description: 'The clock is days ahead, hours behind, or in 1970; the business day is right.',
  },
  'number-reset': {
    of: 'till days',
    light: 0.002,
    heavy: 0.05,
    description: 'The till forgot its numbers and begins at 1 again, in a new series.',
  },
  doubled: { of: 'receipts', light: 0.01, heavy: 0.1, description: 'The same receipt is uploaded twice.' },
  reordered: {
    of: 'sales',
    light: 0.01,
    heavy: 0.1,
    description: 'A receipt is uploaded after the one that follows it.',
  },
  conflicting: {
    of: 'sales',
    light: 0.001,
    heavy: 0.01,
    description: 'The same number comes again with other content; what came first is what happened.',
  },
  lost: { of: 'sales', light: 0.001, heavy: 0.01, description: 'A receipt that is never uploaded.' },
  unreadable: {
    of: 'sales',
    light: 0.001,
    heavy: 0.01,
    description: 'A document of which no transaction can be made, under a number that is taken.',
  },
  poison: {
    of: 'sales',
    light: 0.001,
    heavy: 0.01,
    description: 'A receipt that a target must refuse: an unknown item, or tenders that do not add up.',
  },
} as const satisfies Record<string, { of: string; light: number; heavy: number; description: string }>

export type FaultName = keyof typeof faults
export type FaultRates = Readonly<Record<FaultName, number>>

export const faultNames = Object.keys(faults) as FaultName[]

export const noFaults: FaultRates = ratesOf(() => 0)
const levels: Record<string, FaultRates> = {
  none: noFaults,
  light: ratesOf((name) => faults[name].light),
  heavy: ratesOf((name) => faults[name].heavy),
}

/** The rates of `none`, `light,poison=0.01`, `lost=0.1`: a level, single rates, or both. Throws Problem `settings-invalid`. */
export function parseFaults(text: string): FaultRates {
  const rates: Record<FaultName, number> = { ...noFaults }
  for (const part of text.split(',').map((one) => one.trim())) {
    const level = Object.hasOwn(levels, part) ? levels[part] : undefined
    if (level) {
      Object.assign(rates, level)
      continue
    }
    const [name, rate] = part.split('=')
    if (name === undefined || !Object.hasOwn(faults, name) || rate === undefined)
      throw new Problem(
        'settings-invalid',
        `--faults takes none, light, heavy or name=rate; names: ${faultNames.join(', ')}.`,
      )
    if (!/^(0|1|0?\.\d{1,9}|1\.0+|0\.0*)$/.test(rate))
      throw new Problem('settings-invalid', `--faults ${name} takes a rate from 0 to 1.`)
    rates[name as FaultName] = Number(rate)
  }
  return rates
}

function ratesOf(rate: (name: FaultName) => number): FaultRates {
  return Object.fromEntries(faultNames.map((name) => [name, rate(name)])) as Record<FaultName, number>
}

/** Counts in the order of the list: the order in which tills happened to plant says nothing. */
export function inOrder(counts: Partial<Record<FaultName, number>>): Partial<Record<FaultName, number>> {
  return Object.fromEntries(faultNames.flatMap((name) => (counts[name] === undefined ? [] : [[name, counts[name]]])))
}
