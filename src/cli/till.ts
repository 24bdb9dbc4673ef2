import type { Command } from 'commander'
import { Problem } from '../contract/problem.ts'
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

interface EnrolOptions {
  to: string
  out: string
  store?: string
  till?: string
  code?: string
  name?: string
  json?: boolean
}

interface AnswerOptions {
  store: string
  till: string
  json?: boolean
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
    .description('Enrol as a till: make a key, register it, and keep it in a file')
    .requiredOption('--to <url>', 'the hub, as its publicUrl says')
    .option('--code <code>', 'the code of tillflow till invite, with --store and --till; default: show a code and wait')
    .option('--store <id>', 'the store of the code')
    .option('--till <id>', 'the till of the code')
    .option('--name <name>', 'what this device calls itself, for whoever approves it')
    .option('--out <file>', 'where the key goes; who has this file is the till', 'till.json')
    .option('--json', 'print JSON')
    .action(act(enrol))
  till
    .command('look <code>')
    .description('Show what asks to come in with the code that a till shows')
    .option('--json', 'print JSON')
    .action(act(look))
  till
    .command('approve <code>')
    .description('Say which till it is that shows this code: it enrols then')
    .requiredOption('--store <id>', 'the store, as its receipts name it (businessUnitId)')
    .requiredOption('--till <id>', 'the till, as its receipts name it (workstationId)')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nA till that was enrolled in this place is revoked when the new one enrols.')
    .action(act(approve))
  till
    .command('refuse <code>')
    .description('Send a till away that shows this code')
    .option('--json', 'print JSON')
    .action(act(refuse))
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

async function enrol({ out, json, ...options }: EnrolOptions): Promise<undefined> {
  const [{ writeFile }, { Pool }] = await Promise.all([import('node:fs/promises'), import('undici')])
  const publicUrl = new URL(options.to).origin
  const pool = new Pool(publicUrl)
  try {
    const identity = await enrolAt(publicUrl, pool, options)
    // Never over another till's key.
    await writeFile(out, `${JSON.stringify(identity, null, 2)}\n`, { mode: 0o600, flag: 'wx' })
    const { clientId, businessUnitId, workstationId } = identity.registration
    if (json) printJson({ clientId, businessUnitId, workstationId, file: out })
    else printLine(`enrolled as ${clientId}, till ${workstationId} of store ${businessUnitId}; the key is in ${out}`)
  } finally {
    await pool.close()
  }
  return undefined
}

async function enrolAt(
  publicUrl: string,
  pool: import('undici').Pool,
  { store, till, code, name }: Omit<EnrolOptions, 'out' | 'json'>,
) {
  const { TillIdentity } = await import('../simulator/till/till-identity.ts')
  if (code === undefined) {
    const show = ({ userCode, verificationUri, endsAt }: import('../simulator/till/device-enrolment.ts').ShownCode) =>
      say(`Open ${verificationUri} and type ${userCode} until ${endsAt.toISOString().slice(11, 16)} UTC.`)
    return TillIdentity.enrolByApproval({ publicUrl, show, ...(name !== undefined && { deviceName: name }) }, { pool })
  }
  if (store === undefined || till === undefined)
    throw new Problem('settings-invalid', 'A code is for one till: --store and --till say which.')
  return TillIdentity.enrol({ publicUrl, businessUnitId: store, workstationId: till, code }, { pool })
}

async function look(userCode: string, { json }: { json?: boolean }): Promise<undefined> {
  const { findDeviceRequest } = await import('../identity/device-requests.ts')
  const asks = await withIdentity((pool, identityKey) =>
    findDeviceRequest(pool, identityKey, { userCode, actor: actor() }),
  )
  if (json) {
    printJson(asks)
    return undefined
  }
  printLine(`name     ${asks.deviceName ?? '-'} (as it says itself)`)
  printLine(`address  ${asks.address}`)
  printLine(`since    ${asks.askedAt.toISOString().slice(0, 19)} UTC`)
  printLine(`key      ${asks.keyThumbprint}`)
  return undefined
}

async function approve(userCode: string, { store, till, json }: AnswerOptions): Promise<undefined> {
  const { approveDevice } = await import('../identity/device-requests.ts')
  await withIdentity((pool, identityKey) => approveDevice(pool, identityKey, { userCode, store, till, actor: actor() }))
  if (json) printJson({ approved: true, store, till })
  else printLine(`it enrols as till ${till} of store ${store}`)
  return undefined
}

async function refuse(userCode: string, { json }: { json?: boolean }): Promise<undefined> {
  const { refuseDevice } = await import('../identity/device-requests.ts')
  await withIdentity((pool, identityKey) => refuseDevice(pool, identityKey, { userCode, actor: actor() }))
  if (json) printJson({ refused: true })
  else printLine('refused')
  return undefined
}
