import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Bench } from './bench.ts'
import type { Figure } from './figure.ts'

/** Attacks one after the other, each with logs, witnesses and effects of its own; all that they came to in one figure. */
export async function attackInParts(
  bench: Bench,
  parts: Record<string, (bench: Bench) => Promise<Figure>>,
): Promise<Figure> {
  const figures: Figure[] = []
  for (const [name, attack] of Object.entries(parts)) {
    const directory = join(bench.directory, name)
    await mkdir(directory, { recursive: true })
    figures.push(await attack({ ...bench, directory }))
  }
  return {
    runs: figures.reduce((sum, { runs }) => sum + runs, 0),
    text: figures.map(({ text }) => text).join('; '),
    broken: [...new Set(figures.flatMap(({ broken }) => broken))],
    blind: [...new Set(figures.flatMap(({ blind }) => blind))],
  }
}
