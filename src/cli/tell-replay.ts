import type { Pool } from 'pg'
import type { RecordedAct } from '../audit/acts.ts'
import { systemClock } from '../contract/clock.ts'
import type { Change } from '../delivery/replay/difference.ts'
import type { DryRunItem } from '../delivery/replay/dry-run.ts'
import type { Replay, ReplayProgress } from '../delivery/replay/replay.ts'
import { printLine, printTable } from './print.ts'

/** A replay with everything that is told of it. */
export interface ToldReplay {
  replay: Replay
  progress: ReplayProgress
  acts: RecordedAct[]
}

export async function readTold(pool: Pool, replayId: string): Promise<ToldReplay> {
  const [{ readReplay, readReplayProgress }, { readActs }] = await Promise.all([
    import('../delivery/replay/read.ts'),
    import('../audit/acts.ts'),
  ])
  const replay = await readReplay(pool, replayId)
  const progress = await readReplayProgress(pool, replayId)
  return { replay, progress, acts: await readActs(pool, `replay:${replayId}`) }
}

const countsOf = (counts: Partial<Record<string, number>>) =>
  Object.entries(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ')
const sumOf = (counts: Partial<Record<string, number>>) =>
  Object.values(counts).reduce<number>((sum, count) => sum + (count ?? 0), 0)

/** A plan for a person: how many, a sample of what would change, and how it goes on. */
export function tellPlan({ replay }: ToldReplay, sample: readonly DryRunItem[]): void {
  const { replayId, target, mode, counts, ratePerSecond } = replay
  const size = sumOf(counts.items)
  printLine(`plan ${replayId}: ${size} of ${counts.matched} receipts that match would go to ${target} (mode ${mode})`)
  if (size > 0) printLine(`  now      ${countsOf(counts.items)}`)
  if (sumOf(counts.left) > 0) printLine(`  left     ${countsOf(counts.left)}`)
  if (counts.follow > 0) printLine(`  follow   ${counts.follow} parked dependents go on by themselves`)
  printLine(`  rate     ${ratePerSecond} a second, about ${Math.ceil(size / ratePerSecond)} s`)
  tellPause(replay)
  if (sample.length > 0) {
    printLine()
    const rows = sample.map(({ receipt, stateBefore, preview }) => [
      receipt,
      stateBefore,
      preview?.atTarget ?? '',
      preview?.effect ?? '',
      preview?.documents?.map((one) => one.documentId).join(' ') ?? preview?.reason ?? '',
    ])
    printTable(['RECEIPT', 'NOW', 'AT TARGET', 'EFFECT', 'DOCUMENTS'], rows)
    for (const { receipt, preview } of sample) tellChanges(receipt, preview?.changes ?? [])
  }
  printLine()
  if (mode === 'again') {
    const there = (counts.items.delivered ?? 0) + (counts.items['needs-check'] ?? 0)
    printLine(
      `WARNING  up to ${there} receipts would be at ${target} twice; add --confirm-again if that is what you want`,
    )
  }
  if (replay.state === 'planned') {
    const until = replay.expiresAt ? `, until ${replay.expiresAt.toISOString().slice(0, 16)}Z` : ''
    printLine(`next: tillflow replay --plan ${replayId} --run${until}`)
  }
}

/** A plan, and a dry run, are had of a target that is paused too; nothing is sent. */
function tellPause({ target, targetPause }: Replay): void {
  if (targetPause)
    printLine(`  paused   ${target}: ${targetPause.reason}; nothing goes before tillflow resume ${target}`)
}

const shownChangesMax = 5

function tellChanges(receipt: string, changes: readonly Change[]): void {
  for (const { path, before, after } of changes.slice(0, shownChangesMax))
    printLine(
      `  ${receipt}  ${path || '/'}: ${JSON.stringify(before) ?? 'nothing'} -> ${JSON.stringify(after) ?? 'nothing'}`,
    )
  if (changes.length > shownChangesMax) printLine(`  ${receipt}  and ${changes.length - shownChangesMax} more`)
}

/** How far a replay is, and who did what to it. */
export function tellReplay({ replay, progress, acts }: ToldReplay): void {
  const { replayId, target, state, ratePerSecond } = replay
  printLine(`replay ${replayId} to ${target}: ${state}, ${ratePerSecond} a second`)
  printLine(`  ${progressText(progress)}`)
  if (['planned', 'running', 'aborting'].includes(state)) tellPause(replay)
  for (const { at, actor, act, reason } of acts)
    printLine(`  ${at.toISOString()}  ${act} by ${actor}${reason === undefined ? '' : `: ${reason}`}`)
}

export function tellReplays(replays: readonly Replay[]): void {
  if (replays.length === 0) {
    printLine('There are no replays.')
    return
  }
  const rows = replays.map((one) => [
    one.replayId,
    one.target,
    one.mode,
    one.state,
    sumOf(one.counts.items),
    one.plannedAt.toISOString().slice(0, 16),
    one.reason.slice(0, 40),
  ])
  printTable(['REPLAY', 'TARGET', 'MODE', 'STATE', 'RECEIPTS', 'PLANNED', 'REASON'], rows)
}

function progressText({ planned, open, left, outcomes }: ReplayProgress): string {
  const parts = [countsOf(outcomes), open > 0 ? `${open} on their way` : '', planned > 0 ? `${planned} to go` : '']
  if (sumOf(left) > 0) parts.push(`left: ${countsOf(left)}`)
  return parts.filter((part) => part !== '').join(', ') || 'nothing to do'
}

const lookEveryMs = 500

/** Waits until a replay has ended or somebody paused it; shows how far it is on a terminal. */
export async function followReplay(pool: Pool, replayId: string, terminal = process.stderr): Promise<ToldReplay> {
  for (;;) {
    const told = await readTold(pool, replayId)
    const isOver = !['running', 'aborting'].includes(told.replay.state)
    if (terminal.isTTY) terminal.write(isOver ? '\r\x1b[K' : `\r${progressText(told.progress)}\x1b[K`)
    if (isOver) return told
    await systemClock.sleep(lookEveryMs)
  }
}
