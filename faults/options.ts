import { parseArgs } from 'node:util'
import { type Profile, profiles } from './bench/bench.ts'
import type { Invariant } from './invariants/invariant.ts'

export interface Options {
  profile: Profile
  seed: number
  chosen: readonly Invariant[]
  json: boolean
}

export const usage = 'usage: npm run faults -- [--profile quick|nightly] [--only I8[,I9 ...]] [--seed N] [--json]\n'

/** Reads the command line; undefined when it asks for something that does not exist. */
export function readOptions(args: readonly string[], invariants: readonly Invariant[]): Options | undefined {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        profile: { type: 'string', default: 'quick' },
        only: { type: 'string', multiple: true, default: [] },
        seed: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    })
    const profile = profiles.find((one) => one === values.profile)
    const wanted = values.only.flatMap((text) => text.toUpperCase().split(','))
    const chosen = invariants.filter(({ id, profiles: own }) =>
      wanted.length > 0 ? wanted.includes(id) : !own || own.some((one) => one === profile),
    )
    const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed)
    const isKnown = wanted.every((id) => invariants.some((one) => one.id === id))
    if (!profile || !isKnown || !(Number.isSafeInteger(seed) && seed >= 0)) return undefined
    return { profile, seed, chosen, json: values.json }
  } catch {
    return undefined
  }
}
