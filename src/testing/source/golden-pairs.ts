import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { expect } from 'vitest'
import type { Reading } from './read-all.ts'

export interface GoldenPair {
  name: string
  theirs: Buffer
  oursFile: URL
}

/** Samples of a directory: what a vendor sends, and what it is read as. */
export function goldenPairs(directory: URL): GoldenPair[] {
  return readdirSync(directory)
    .sort()
    .flatMap((file) => {
      const name = /^(.+)\.theirs\.[^.]+$/.exec(file)?.[1]
      if (name === undefined) return []
      return [
        { name, theirs: readFileSync(new URL(file, directory)), oursFile: new URL(`${name}.ours.json`, directory) },
      ]
    })
}

/** Rewrites the recorded side only when told to: a golden file that heals itself proves nothing. */
export function expectGolden(pair: GoldenPair, reading: Reading): void {
  const ours = [
    ...reading.results.map(({ bytes, ...result }) =>
      result.kind === 'refused' ? { kind: result.kind, problem: result.problem.code } : result,
    ),
    ...(reading.problem ? [{ kind: 'thrown', problem: reading.problem.code }] : []),
  ]
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(pair.oursFile, `${JSON.stringify(ours, null, 2)}\n`)
  if (!existsSync(pair.oursFile)) throw new Error(`${pair.name} has no recorded side; record it with UPDATE_GOLDEN=1.`)
  expect(JSON.parse(JSON.stringify(ours))).toEqual(JSON.parse(readFileSync(pair.oursFile, 'utf8')))
}
