import { isProblem } from '../../contract/problem.ts'
import { makeSale, testStore } from '../../testing/receipts.ts'
import { Process, World } from '../../testing/simulation/world.ts'
import type { Answer } from '../answer.ts'
import { createIntake } from '../create-intake.ts'
import type { Intake, Upload } from '../intake.ts'
import { createMemoryIntakeStore, type IntakeMutant, IntakeTables } from './memory-store.ts'

/** What a till was told of one upload. */
interface Told {
  upload: Upload
  answer: Answer
}

/**
 * One random schedule: tills that send receipts, the same again, and others under the same number, to hubs that die and stall
 * between commit and answer. Returns what was broken.
 */
export async function runIntakeSchedule(seed: number, mutant?: IntakeMutant): Promise<string[]> {
  const world = new World(seed)
  world.stallProbability = 0.05
  const tables = new IntakeTables()
  const told: Told[] = []
  const hubs: { process: Process; intake: Intake }[] = []
  const startHub = () => {
    const process = new Process(`hub-${hubs.length}`)
    const intake = createIntake({
      store: createMemoryIntakeStore(tables, world, process, mutant),
      clock: world.clockOf(process),
      profileOf: () => testStore,
      groupSizeMax: 3,
      groupsInFlightMax: 2,
      queueMax: 100,
      answerWithinMs: 2_000,
    })
    hubs.push({ process, intake })
  }
  startHub()
  startHub()

  let open = 0
  const tills = new Process('tills')
  const sendUntilTold = async (upload: Upload) => {
    const clock = world.clockOf(tills)
    for (;;) {
      const living = hubs.filter(({ process }) => !process.dead)
      const hub = living[Math.floor(world.random.next() * living.length)]
      // A hub that died never answers; the till gives up after a while and sends again.
      const answer = hub && (await Promise.race([hub.intake.record(upload).catch(refusal), clock.sleep(30_000)]))
      if (answer) {
        told.push({ upload, answer })
        open -= 1
        return
      }
    }
  }
  const uploads = makeUploads(world)
  open = uploads.length
  for (const upload of uploads) {
    void (async () => {
      await world.clockOf(tills).sleep(world.random.next() * 3_000)
      await sendUntilTold(upload)
    })()
  }
  const chaos = new Process('chaos')
  void (async () => {
    for (let kill = 0; kill < 3; kill += 1) {
      await world.clockOf(chaos).sleep(world.random.next() * 2_000)
      const victim = hubs.find(({ process }) => !process.dead)
      if (victim) victim.process.dead = true
      startHub()
    }
  })()
  const finished = await world.run(() => open === 0, 20_000)
  return [...(finished ? [] : ['not every upload was answered']), ...judge(tables, told)]
}

function refusal(error: unknown): undefined {
  if (!isProblem(error)) throw error
  return undefined
}

/** A few numbers, each sent several times, now and then with other content. */
function makeUploads(world: World): Upload[] {
  const count = 4 + Math.floor(world.random.next() * 10)
  return Array.from({ length: count }, (): Upload => {
    const number = 1 + Math.floor(world.random.next() * 4)
    const workstationId = String(1 + Math.floor(world.random.next() * 2))
    const transaction = makeSale(number, { workstationId, ...(world.chance(0.2) && { operatorId: 'other' }) })
    return {
      source: 'tillflow',
      senderId: 'simulation',
      fidelity: 'verbatim',
      result: { kind: 'transaction', transaction, findings: [], unknownValues: [], bytes: Buffer.from(String(number)) },
    }
  })
}

/** What tills were told must be what is on disk, once. */
function judge(tables: IntakeTables, told: readonly Told[]): string[] {
  const broken: string[] = []
  if (new Set(tables.journal).size !== tables.journal.length) broken.push('an identity has two events')
  const firstTimes = new Map<string, string>()
  const recordedTwice = new Map<string, number>()
  for (const { answer } of told) {
    if (answer.kind === 'quarantined') {
      broken.push('a receipt was put into quarantine')
      continue
    }
    const first = tables.transactions.get(answer.transactionId)
    if (!first) broken.push(`${answer.transactionKey} was acknowledged and is not there`)
    if (answer.kind === 'conflict') {
      if (!tables.conflicts.has(answer.conflictId)) broken.push(`the conflict of ${answer.transactionKey} was not kept`)
      continue
    }
    if (first && first.contentHash.toString('hex') !== answer.contentHash)
      broken.push(`${answer.transactionKey} was overwritten`)
    const time = firstTimes.get(answer.transactionId) ?? answer.recordedAt
    firstTimes.set(answer.transactionId, time)
    if (time !== answer.recordedAt) broken.push(`${answer.transactionKey} has two first answers`)
    if (answer.kind === 'recorded')
      recordedTwice.set(answer.transactionId, (recordedTwice.get(answer.transactionId) ?? 0) + 1)
  }
  for (const [id, count] of recordedTwice) if (count > 1) broken.push(`${id} was called new ${count} times`)
  return broken
}
