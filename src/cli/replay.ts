import type { Command } from 'commander'
import type { Pool } from 'pg'
import { Problem } from '../contract/problem.ts'
import type { Replay } from '../delivery/replay/replay.ts'
import { act } from './act.ts'
import { actor } from './actor.ts'
import { exitCodes } from './exit-codes.ts'
import { printJson } from './print.ts'
import { type ReplayOptions, readCount, readFilter, readMode, readRate } from './replay-options.ts'
import { followReplay, readTold, tellPlan, tellReplay, tellReplays } from './tell-replay.ts'

const controls = ['pause', 'resume', 'abort'] as const

export function registerReplay(program: Command): void {
  program
    .command('replay')
    .description('Send receipts to a target once more: first a plan and what it would change, then exactly that')
    .option('--target <name>', 'plan for this target')
    .option('--store <id>', 'receipts of one store')
    .option('--day <date>', 'of one business day')
    .option('--type <types>', 'of these transaction types')
    .option('--since <time>', 'recorded since then')
    .option('--until <time>', 'recorded before')
    .option('--error <text>', 'parked ones whose reason has this text, or whose code or fingerprint is this')
    .option('--state <states>', 'that are delivered, skipped, parked, needs-check, unaccounted')
    .option('--mode <mode>', 'missing: what the target does not have; again: everything, as something new')
    .option('--reason <text>', 'why, for whoever looks later; needed for a plan')
    .option('--rate <count>', 'receipts per second')
    .option('--sample <count>', 'receipts whose change at the target is shown', '10')
    .option('--settings-before <file>', 'the settings of before: shows what they would have sent')
    .option('--yes', 'run the plan at once')
    .option('--plan <id>', 'show a plan, or with --run, run it')
    .option('--run', 'run the plan')
    .option('--confirm-again', 'yes, the target gets second documents')
    .option('--wait', 'wait until the replay has ended')
    .option('--status [id]', 'how far replays are')
    .option('--pause [id]', 'let nothing more go')
    .option('--resume [id]', 'go on')
    .option('--abort [id]', 'end it; what was not let go stays as it was')
    .option('--json', 'print JSON')
    .action(act(replay))
}

async function replay(options: ReplayOptions): Promise<number | undefined> {
  const [{ loadSettings }, { withDatabase }] = await Promise.all([
    import('../settings/load-settings.ts'),
    import('./open-database.ts'),
  ])
  return withDatabase(loadSettings().settings, async (pool) => {
    if (options.status !== undefined) return tellStatus(pool, options)
    const control = controls.find((name) => options[name] !== undefined)
    if (control) return changeReplay(pool, control, options)
    if (options.plan !== undefined) return usePlan(pool, options.plan, options)
    return makePlan(pool, options)
  })
}

async function tellStatus(pool: Pool, { status, json, target }: ReplayOptions): Promise<number | undefined> {
  if (typeof status === 'string') {
    const told = await readTold(pool, status)
    if (json) printJson(told)
    else tellReplay(told)
    return undefined
  }
  const { readReplays } = await import('../delivery/replay/read.ts')
  const replays = await readReplays(pool, target === undefined ? {} : { target })
  if (json) printJson(await Promise.all(replays.map((one) => readTold(pool, one.replayId))))
  else tellReplays(replays)
  return undefined
}

async function changeReplay(
  pool: Pool,
  control: (typeof controls)[number],
  options: ReplayOptions,
): Promise<number | undefined> {
  const given = options[control]
  const replayId = typeof given === 'string' ? given : (await theOneUnderWay(pool, options.target)).replayId
  const { abortReplay, pauseReplay, resumeReplay } = await import('../delivery/replay/control.ts')
  const rate = readRate(options.rate)
  if (control === 'pause') await pauseReplay(pool, replayId, actor())
  else if (control === 'abort') await abortReplay(pool, replayId, actor())
  else await resumeReplay(pool, replayId, actor(), rate === undefined ? {} : { ratePerSecond: rate })
  const told = await readTold(pool, replayId)
  if (options.json) printJson(told)
  else tellReplay(told)
  return undefined
}

async function theOneUnderWay(pool: Pool, target: string | undefined): Promise<Replay> {
  const { readReplays } = await import('../delivery/replay/read.ts')
  const all = await readReplays(pool, { limit: 100, ...(target !== undefined && { target }) })
  const underWay = all.filter((one) => ['running', 'paused'].includes(one.state))
  const [only, other] = underWay
  if (!only) throw new Problem('unknown-replay', 'No replay is under way.')
  if (other) throw new Problem('settings-invalid', 'More than one replay is under way: name its id, or --target.')
  return only
}

async function makePlan(pool: Pool, options: ReplayOptions): Promise<number | undefined> {
  const { target: name, reason } = options
  if (name === undefined) throw new Problem('settings-invalid', 'Name a target with --target, or a plan with --plan.')
  if (reason === undefined) throw new Problem('settings-invalid', 'Say why with --reason.')
  const rate = readRate(options.rate)
  const request = {
    mode: readMode(options.mode),
    filter: readFilter(options),
    reason,
    actor: actor(),
    ...(rate !== undefined && { ratePerSecond: rate }),
  }
  const { withReplayTarget } = await import('./replay-target.ts')
  const { planReplay } = await import('../delivery/replay/plan-replay.ts')
  const replayId = await withReplayTarget(pool, name, async ({ targetId, connection: { features } }) => {
    const plan = await planReplay(pool, { targetId, name, features }, request)
    return plan.replayId
  })
  return usePlan(pool, replayId, { ...options, run: options.yes ?? false })
}

/** Shows what a plan would change, or runs it. */
async function usePlan(pool: Pool, replayId: string, options: ReplayOptions): Promise<number | undefined> {
  const told = await readTold(pool, replayId)
  const { state, target: name, mode } = told.replay
  const { run = false, json } = options
  const limit = readCount('--sample', options.sample, 0, 200)
  const { withReplayTarget } = await import('./replay-target.ts')
  const { dryRun } = await import('../delivery/replay/dry-run.ts')
  const isShown = state === 'planned' && limit > 0
  const sample = isShown
    ? await withReplayTarget(
        pool,
        name,
        (target, tools) => dryRun(pool, target, { replayId, mode }, { limit, spread: true }, tools),
        options.settingsBefore,
      )
    : []
  if (!run) {
    if (json) printJson({ ...told, sample })
    else tellPlan(told, sample)
    return undefined
  }
  if (!json) tellPlan(told, sample)
  const { runReplay } = await import('../delivery/replay/control.ts')
  const rate = readRate(options.rate)
  await runReplay(pool, replayId, actor(), {
    confirmAgain: options.confirmAgain ?? false,
    ...(rate !== undefined && { ratePerSecond: rate }),
  })
  const isWatched = process.stderr.isTTY === true && !json
  const after = options.wait || isWatched ? await followReplay(pool, replayId) : await readTold(pool, replayId)
  if (json) printJson({ ...after, sample })
  else tellReplay(after)
  if (after.replay.state !== 'finished') return undefined
  const { parked = 0, 'needs-check': needsCheck = 0 } = after.progress.outcomes
  return parked + needsCheck > 0 ? exitCodes.partial : undefined
}
