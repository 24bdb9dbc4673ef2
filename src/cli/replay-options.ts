import { Problem } from '../contract/problem.ts'
import {
  type ReplayFilter,
  type ReplayMode,
  replayableStates,
  replayModes,
  replayRateMax,
} from '../delivery/replay/replay.ts'
import { transactionTypes } from '../domain/transaction/codes.ts'

/** What the command line says about a replay. `true`: the option without a value. */
export interface ReplayOptions {
  target?: string
  store?: string
  day?: string
  type?: string
  since?: string
  until?: string
  error?: string
  state?: string
  mode?: string
  reason?: string
  rate?: string
  sample: string
  settingsBefore?: string
  yes?: boolean
  confirmAgain?: boolean
  plan?: string
  run?: boolean
  wait?: boolean
  status?: string | true
  pause?: string | true
  resume?: string | true
  abort?: string | true
  json?: boolean
}

/** Filters of the command line. Throws `Problem` `settings-invalid` with the option and what it takes. */
export function readFilter(options: ReplayOptions): ReplayFilter {
  const { store, day, type, since, until, error, state } = options
  if (day !== undefined && !/^\d{4}-\d{2}-\d{2}$/.test(day))
    throw invalid('--day takes a business day, e.g. 2026-03-02')
  return {
    ...(store !== undefined && { businessUnitId: store }),
    ...(day !== undefined && { businessDayDate: day }),
    ...(type !== undefined && { transactionTypes: readList('--type', type, transactionTypes) }),
    ...(since !== undefined && { recordedSince: readTime('--since', since) }),
    ...(until !== undefined && { recordedUntil: readTime('--until', until) }),
    ...(error !== undefined && { error }),
    ...(state !== undefined && { states: readList('--state', state, replayableStates) }),
  }
}

export function readMode(text = 'missing'): ReplayMode {
  const mode = replayModes.find((one) => one === text)
  if (!mode) throw invalid(`--mode takes ${replayModes.join(' or ')}`)
  return mode
}

export function readRate(text: string | undefined): number | undefined {
  return text === undefined ? undefined : readCount('--rate', text, 1, replayRateMax)
}

export function readCount(option: string, text: string, minimum: number, maximum: number): number {
  const count = Number(text)
  if (!/^\d{1,6}$/.test(text) || count < minimum || count > maximum)
    throw invalid(`${option} takes a whole number from ${minimum} to ${maximum}`)
  return count
}

function readList<Name extends string>(option: string, text: string, known: readonly Name[]): Name[] {
  return text.split(',').map((name) => {
    const found = known.find((one) => one.toLowerCase() === name.trim().toLowerCase())
    if (!found) throw invalid(`${option} takes ${known.join(', ')}`)
    return found
  })
}

function readTime(option: string, text: string): Date {
  const at = new Date(text)
  if (!/^\d{4}-\d{2}-\d{2}/.test(text) || Number.isNaN(at.getTime()))
    throw invalid(`${option} takes a time, e.g. 2026-03-02T18:00:00Z`)
  return at
}

function invalid(what: string): Problem {
  return new Problem('settings-invalid', `${what}.`)
}
