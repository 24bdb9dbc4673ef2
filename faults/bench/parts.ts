import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Dice } from '../../src/simulator/retailer/dice.ts'
import type { Bench } from './bench.ts'
import type { Figure } from './figure.ts'

/** Attacks one after the other, each with logs, witnesses and effects of its own; all that they came to in one figure. */
export async function attackInParts(
  bench: Bench,
  parts: Record<string, (bench: Bench) => Promise<Figure>>,
): Promise<Figure> {
  const figures: Figure[] = []
  for (const [name, attack] of Object.entries(parts)) figures.push(await attack(await makePart(bench, name)))
  return sumUp(figures)
}

/** As `attackInParts`, all at the same time: for parts that mostly wait. */
export async function attackSideBySide(
  bench: Bench,
  parts: Record<string, (bench: Bench) => Promise<Figure>>,
): Promise<Figure> {
  const attacks = Object.entries(parts).map(async ([name, attack]) => attack(await makePart(bench, name)))
  return sumUp(await Promise.all(attacks))
}

/** Of a part with a name of its own: what is rolled there does not depend on when the others roll. */
export async function makePart(bench: Bench, name: string): Promise<Bench> {
  const directory = join(bench.directory, name)
  await mkdir(directory, { recursive: true })
  return { ...bench, directory, dice: Dice.named(bench.seed, name) }
}

function sumUp(figures: readonly Figure[]): Figure {
  return {
    runs: figures.reduce((sum, { runs }) => sum + runs, 0),
    text: figures.map(({ text }) => text).join('; '),
    broken: [...new Set(figures.flatMap(({ broken }) => broken))],
    blind: [...new Set(figures.flatMap(({ blind }) => blind))],
  }
}
