import { mkdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Problem } from '../contract/problem.ts'
import type { Source, SourceWriter } from '../contract/source.ts'
import { parseFaults } from '../simulator/faults/fault-list.ts'
import type { HubCounts } from '../simulator/sender/send-uploads.ts'
import { Simulation, type SimulationCounts } from '../simulator/simulation.ts'
import type { TruthMaking } from '../simulator/truth/shape.ts'
import { TruthFile } from '../simulator/truth/truth-file.ts'
import { sources } from '../sources/index.ts'
import { exitCodes } from './exit-codes.ts'
import { printJson, printLine } from './print.ts'
import type { SimulateOptions } from './simulate-options.ts'
import { SimulateProgress } from './simulate-progress.ts'
import { simulateToFiles } from './simulate-to-files.ts'
import { simulateToHub } from './simulate-to-hub.ts'
import { settingsFor } from './simulated-settings.ts'
import { tellSimulation } from './tell-simulation.ts'
import { writeWhole } from './write-whole.ts'

/** What a run came to; the same as JSON. */
export interface SimulateSummary extends SimulationCounts {
  directory: string
  seed: number
  stores: number
  days: number
  seconds: number
  complete: boolean
  files?: number
  hub?: HubCounts & { retries: number; refusals: string[] }
}

/** Everything that a way out needs. */
export interface SimulateRun {
  options: SimulateOptions
  simulation: Simulation
  source: Source
  writer: SourceWriter
  truth: TruthFile
  progress: SimulateProgress
  signal: AbortSignal
}

/** Runs a simulation to files or into a hub, with the truth beside it. Ctrl-C stops it cleanly: whole days are kept. */
export async function runSimulate(options: SimulateOptions): Promise<{ summary?: SimulateSummary; exitCode?: number }> {
  const { source, writer } = chooseFormat(options.format)
  const rates = parseFaults(options.faults)
  const simulation = new Simulation({ retailer: options.retailer, rates, canWrite: (one) => writer.canWrite(one) })
  const plans = simulation.regions.flatMap((region) => region.plans)
  await prepareDirectory(options, settingsFor(source, plans))
  if (options.prepare) {
    const settings = join(options.directory, 'tillflow.json')
    if (options.json) printJson({ directory: options.directory, settings, stores: plans.length })
    else printLine(`settings: ${settings}`)
    return {}
  }
  const truth = await TruthFile.create(join(options.directory, 'truth.json'))
  const stopping = new AbortController()
  const stop = () => stopping.abort()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop)
  const startedAtMs = performance.now()
  const progress = new SimulateProgress()
  try {
    const run: SimulateRun = { options, simulation, source, writer, truth, progress, signal: stopping.signal }
    const outcome = options.to === undefined ? await simulateToFiles(run) : await simulateToHub(run)
    const complete = !stopping.signal.aborted
    const { transactions, receipts, planted } = simulation.counts
    await truth.finish(
      simulation.regions.map(({ country }) => country),
      { made: makingOf(options, rates), totals: { transactions, receipts, planted }, complete, plans },
    )
    progress.end()
    const { seed, storesCount: stores, daysCount: days } = options.retailer
    const seconds = Math.round(performance.now() - startedAtMs) / 1_000
    const summary = {
      directory: options.directory,
      seed,
      stores,
      days,
      seconds,
      complete,
      ...simulation.counts,
      ...outcome,
    }
    if (!options.json) tellSimulation(summary)
    return { summary, ...exitCodeOf(summary) }
  } catch (error) {
    progress.end()
    await truth.discard()
    throw error
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, stop)
  }
}

function exitCodeOf({ complete, hub }: SimulateSummary): { exitCode?: number } {
  if (!complete) return { exitCode: exitCodes.interrupted }
  return hub && hub.refused > 0 ? { exitCode: exitCodes.partial } : {}
}

function chooseFormat(name: string): { source: Source; writer: SourceWriter } {
  const source = sources.find((one) => one.name === name)
  if (source?.writer) return { source, writer: source.writer }
  const names = sources.filter((one) => one.writer).map((one) => one.name)
  throw new Problem('settings-invalid', `--format takes a source that can be written: ${names.join(', ')}.`)
}

function makingOf({ retailer, format }: SimulateOptions, faults: TruthMaking['faults']): TruthMaking {
  const { seed, storesCount: stores, tillsPerStore: tills, daysCount: days, firstDay, receiptsPerTill } = retailer
  return { seed, stores, tills, days, firstDay, receiptsPerTill, faults, format }
}

/** An earlier run is not mixed with a new one: its receipts would have no truth. */
async function prepareDirectory({ directory, force, prepare }: SimulateOptions, settings: object): Promise<void> {
  await mkdir(directory, { recursive: true })
  const left = ['truth.json', 'receipts', 'acknowledged.ndjson'].map((name) => join(directory, name))
  if (force) for (const path of left) await rm(path, { recursive: true, force: true })
  else if (!prepare && (await Promise.all(left.map(holdsSomething))).includes(true))
    throw new Problem(
      'settings-invalid',
      `An earlier run is in ${directory}: choose another directory with --out, or replace it with --force.`,
    )
  await writeWhole(join(directory, 'tillflow.json'), `${JSON.stringify(settings, null, 2)}\n`)
}

/** An empty record of acknowledgements is what is left of a run that found no hub: nothing to keep. */
function holdsSomething(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory() || found.size > 0,
    () => false,
  )
}
