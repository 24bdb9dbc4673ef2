import type { Command } from 'commander'
import { Problem } from '../contract/problem.ts'
import type { Grant } from '../domain/grant.ts'
import type { Session } from '../identity/sessions.ts'
import { act } from './act.ts'
import { actor } from './actor.ts'
import { printJson, printLine, printTable } from './print.ts'
import { withIdentity } from './with-identity.ts'

interface EndOptions {
  all?: boolean
  reason?: string
  json?: boolean
}

export function registerSessions(program: Command): void {
  const sessions = program.command('sessions').description('Sessions of people who have signed in')
  sessions
    .command('list')
    .description('Who is signed in, newest first')
    .option('--json', 'print JSON')
    .action(act(list))
  sessions
    .command('end [id]')
    .description('End a session, or all of person:<id>, at once and in every process')
    .option('--all', 'end all of them')
    .option('--reason <text>', 'why')
    .option('--json', 'print JSON')
    .action(act(end))
}

async function list({ json }: { json?: boolean }): Promise<undefined> {
  const [{ listSessions }, { loadSettings }] = await Promise.all([
    import('../identity/sessions.ts'),
    import('../settings/load-settings.ts'),
  ])
  const { sessionIdleMs } = loadSettings().settings
  const found = await withIdentity((pool, identityKey) => listSessions(pool, identityKey, sessionIdleMs))
  if (json) printJson(found.map(toJson))
  else printTable(['SESSION', 'WHO', 'ROLES', 'SINCE', 'SEEN', 'ENDS'], found.map(toRow))
  return undefined
}

async function end(id: string | undefined, { all = false, reason, json }: EndOptions): Promise<undefined> {
  if ((id === undefined) !== all) throw new Problem('settings-invalid', 'Name a session or a person, or say --all.')
  const { endAllSessions, endSession } = await import('../identity/sessions.ts')
  const by = { actor: actor(), act: 'session.end', ...(reason !== undefined && { reason }) } as const
  const ended = await withIdentity(async (pool) => {
    if (id === undefined) return endAllSessions(pool, by)
    const [, personId] = /^person:(.+)$/.exec(id) ?? []
    if (personId !== undefined) return endAllSessions(pool, by, { personId })
    await endSession(pool, id, by)
    return 1
  })
  if (json) printJson({ ended })
  else printLine(ended === 1 ? '1 session has ended' : `${ended} sessions have ended`)
  return undefined
}

/** Without what only the hub and the provider need to know. */
function toJson({ details: _, ...session }: Session): object {
  return session
}

function toRow({ sessionId, actor: who, person, grants, createdAt, seenAt, endsAt }: Session): string[] {
  const date = (at: Date) => at.toISOString().slice(0, 16)
  const name = person?.name ?? person?.email
  return [
    sessionId,
    name === undefined ? who : `${name} (${who})`,
    grants.map(wordsOf).join(', '),
    ...[createdAt, seenAt, endsAt].map(date),
  ]
}

function wordsOf({ role, legalEntity, region, store }: Grant): string {
  const place = store ?? region ?? legalEntity
  return place === undefined ? role : `${role} (${place})`
}
