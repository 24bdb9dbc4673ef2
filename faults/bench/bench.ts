import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Dice } from '../../src/simulator/retailer/dice.ts'
import { startTestServer, type TestServer } from '../../src/testing/database/test-server.ts'

export const profiles = ['quick', 'nightly'] as const
export type Profile = (typeof profiles)[number]

/** What an invariant runs on. Everything that it starts is stopped again at its end. */
export interface Bench {
  profile: Profile
  /** Of this run alone: the same seed gives the same faults, whatever ran before. */
  seed: number
  dice: Dice
  /** Logs, witnesses and effects of this run. */
  directory: string
  /** A PostgreSQL that nobody kills, shared by all runs. */
  sharedServer(): Promise<TestServer>
  choose<Value>(byProfile: Record<Profile, Value>): Value
  /** Shows progress. */
  say(text: string): void
  /** Stops something at the end of the run; what was started last is stopped first. After the end it is stopped at once. */
  defer(stop: () => unknown): void
}

export interface BenchOptions {
  profile: Profile
  seed: number
  /** Of the run, such as `I8 control`. */
  name: string
  directory: string
  sharedServer(): Promise<TestServer>
  say(text: string): void
}

/** Of the runs that are under way: there is one at a time, but for tests. */
const underWay = new Set<() => Promise<void>>()

/** Stops whatever a run has started, for a bench that is told to end in the middle of it. */
export async function stopUnderWay(): Promise<void> {
  for (const stop of underWay) await stop()
}

/** Gives `work` a bench and clears it away afterwards. */
export async function withBench<Result>(
  options: BenchOptions,
  work: (bench: Bench) => Promise<Result>,
): Promise<Result> {
  const { profile, name, say, sharedServer } = options
  const directory = join(options.directory, name.replaceAll(' ', '-'))
  await mkdir(directory, { recursive: true })
  const dice = Dice.named(options.seed, name)
  const stops: (() => unknown)[] = []
  let isCleared = false
  const stopAll = async () => {
    isCleared = true
    for (const stop of stops.splice(0).reverse()) await stopOne(stop)
  }
  underWay.add(stopAll)
  try {
    return await work({
      profile,
      seed: dice.between(1, 2 ** 31),
      dice,
      directory,
      sharedServer,
      choose: (byProfile) => byProfile[profile],
      say,
      // Work that was given up for its time goes on until it notices.
      defer: (stop) => (isCleared ? void stopOne(stop) : stops.push(stop)),
    })
  } finally {
    await stopAll()
    underWay.delete(stopAll)
  }
}

async function stopOne(stop: () => unknown): Promise<void> {
  try {
    await stop()
  } catch {
    // It was stopped already.
  }
}

/** A night is long enough for disks, and its backlogs are too large for memory. */
export const isInMemory = (profile: Profile): boolean => profile === 'quick'

/** Starts the shared server when the first run asks for it. */
export function shareServer(profile: Profile): { server(): Promise<TestServer>; stop(): Promise<void> } {
  let starting: Promise<TestServer> | undefined
  return {
    server: () => {
      starting ??= startTestServer({ inMemory: isInMemory(profile) })
      return starting
    },
    stop: async () => (await starting)?.stop(),
  }
}
