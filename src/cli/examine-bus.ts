import { findBusEngine } from '../buses/index.ts'
import type { Bus } from '../contract/bus.ts'
import { silentLogger } from '../contract/logger.ts'
import { isProblem } from '../contract/problem.ts'
import { findEmbeddedPostgres } from '../database/embedded/run-file.ts'
import { busConnectionOf } from '../runtimes/node/open-bus.ts'
import type { Settings } from '../settings/load-settings.ts'
import type { Examined } from './examine.ts'

const answerWithinMs = 10_000

/** Whether the bus of the settings answers; nothing is made on it. */
export async function examineBus(settings: Settings): Promise<Examined> {
  const name = 'bus'
  const { busEngine } = settings
  if (busEngine === 'none') return { name, ok: true, detail: 'none is set; targets are delivered to from the journal' }
  const hubUrl = settings.databaseUrl.isEmpty
    ? await findEmbeddedPostgres(settings.dataDirectory)
    : settings.databaseUrl.reveal()
  if (settings.busUrl.isEmpty && hubUrl === undefined)
    return { name, ok: true, detail: 'in the embedded server, which does not run now' }
  let bus: Bus | undefined
  try {
    bus = await within(findBusEngine(busEngine)(busConnectionOf(settings, hubUrl ?? '', silentLogger)))
    await within(bus.prepareTopics([]))
    return { name, ok: true, detail: `${busEngine} answers` }
  } catch (error) {
    const advice = isProblem(error) ? error.advice : 'Check busUrl and the broker. Receipts are taken all the same.'
    return { name, ok: false, detail: error instanceof Error ? error.message : String(error), advice }
  } finally {
    await within(bus?.close() ?? Promise.resolve()).catch(() => {})
  }
}

async function within<Result>(work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${answerWithinMs} ms`)), answerWithinMs)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}
