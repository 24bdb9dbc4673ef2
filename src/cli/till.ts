import type { Command } from 'commander'
import { act } from './act.ts'
import { actor } from './actor.ts'
import { printJson, printLine, say } from './print.ts'
import { listRegistered, revokeRegistered } from './registered-clients.ts'
import { withIdentity } from './with-identity.ts'

interface Place {
  store: string
  till: string
  json?: boolean
}

interface EnrolOptions extends Place {
  to: string
  out: string
  code: string
}

export function registerTill(program: Command): void {
  const till = program.command('till').description('Tills that come in by a key of their own')
  till
    .command('invite')
    .description('Make the one-time code by which a till enrols; it is shown once and good for 15 minutes')
    .requiredOption('--store <id>', 'the store, as its receipts name it (businessUnitId)')
    .requiredOption('--till <id>', 'the till, as its receipts name it (workstationId)')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nA till that was enrolled in this place is revoked when the new one enrols.')
    .action(act(invite))
  till
    .command('enrol')
    .description('Enrol as a till: make a key, register it with a code, and keep both in a file')
    .requiredOption('--to <url>', 'the hub, as its publicUrl says')
    .requiredOption('--store <id>', 'the store')
    .requiredOption('--till <id>', 'the till')
    .requiredOption('--code <code>', 'the code of tillflow till invite')
    .option('--out <file>', 'where the key goes; who has this file is the till', 'till.json')
    .option('--json', 'print JSON')
    .action(act(enrol))
  till
    .command('list')
    .description('List tills, newest first')
    .option('--json', 'print JSON')
    .action(act(listRegistered('till')))
  till
    .command('revoke <id>')
    .description('Revoke a till by its client id, effective within 30 s')
    .option('--reason <text>', 'why')
    .option('--json', 'print JSON')
    .action(act(revokeRegistered))
}

async function invite({ store, till, json }: Place): Promise<undefined> {
  const { inviteTill } = await import('../identity/enrolment.ts')
  const { code, expiresAt } = await withIdentity((pool, identityKey) =>
    inviteTill(pool, identityKey, { store, till, actor: actor() }),
  )
  if (json) printJson({ store, till, code, expiresAt })
  else {
    printLine(code)
    say(`This code enrols till ${till} of store ${store} once, until ${expiresAt.toISOString().slice(11, 16)} UTC.`)
  }
  return undefined
}

async function enrol({ to, store, till, code, out, json }: EnrolOptions): Promise<undefined> {
  const [{ writeFile }, { Pool }, { TillIdentity }] = await Promise.all([
    import('node:fs/promises'),
    import('undici'),
    import('../simulator/till/till-identity.ts'),
  ])
  const publicUrl = new URL(to).origin
  const pool = new Pool(publicUrl)
  try {
    const place = { publicUrl, businessUnitId: store, workstationId: till, code }
    const identity = await TillIdentity.enrol(place, { pool })
    // Never over another till's key.
    await writeFile(out, `${JSON.stringify(identity, null, 2)}\n`, { mode: 0o600, flag: 'wx' })
    const { clientId } = identity.registration
    if (json) printJson({ clientId, file: out })
    else printLine(`enrolled as ${clientId}; the key is in ${out}`)
  } finally {
    await pool.close()
  }
  return undefined
}
