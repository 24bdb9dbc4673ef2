import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CommandProcess } from '../../test/command-process.ts'
import { HubProcess } from '../../test/hub-process.ts'
import type { Finished } from '../../test/launch-tillflow.ts'
import { findEmbeddedPostgres } from '../database/embedded/run-file.ts'
import { makeSale } from '../testing/receipts.ts'

const directory = mkdtempSync(join(tmpdir(), 'tillflow-hub-'))
const delivered = join(directory, 'delivered')
const ndjson = join(directory, 'day.ndjson')
writeFileSync(ndjson, [makeSale(1), makeSale(2), makeSale(4)].map((one) => `${JSON.stringify(one)}\n`).join(''))

let hub: HubProcess
let commands: CommandProcess
let address = ''
let token = ''

const tillflow = (args: string[], environment: Record<string, string> = {}): Promise<Finished> =>
  commands.run(args, environment)

async function json(args: string[], environment: Record<string, string> = {}) {
  const { stdout, stderr } = await tillflow([...args, '--json'], environment)
  expect(stderr).toBe('')
  return JSON.parse(stdout)
}

beforeAll(async () => {
  const target = { name: 'files', connector: 'file', settings: { directory: delivered } }
  writeFileSync(join(directory, 'tillflow.json'), JSON.stringify({ targets: [target], auditSealEveryMs: 1_000 }))
  commands = new CommandProcess({ directory })
  hub = await HubProcess.start({ directory })
  address = hub.address
  token = (await json(['token', 'create', '--name', 'tills', '--stores', '9'])).token
})

afterAll(async () => {
  await commands?.stop()
  await hub?.stop('SIGKILL')
  rmSync(directory, { recursive: true, force: true })
})

describe('a hub and its commands', () => {
  it('send tells what became of a file, and that it does no harm to send it again', async () => {
    const send = ['send', ndjson, '--to', address]
    // Once as a user does, in a process of its own, and a look at the hub too.
    const sent = await hub.printed(send, { TILLFLOW_TOKEN: token })
    expect(sent).toMatchObject([{ recorded: 3, duplicates: 0, refused: 0 }])
    expect(await hub.printed(['status'])).toMatchObject({ transactions: 3 })
    expect(await json(send, { TILLFLOW_TOKEN: token })).toMatchObject([{ recorded: 0, duplicates: 3, refused: 0 }])
  })

  it('send without a token, with a wrong one, and to nobody has an exit code for each', async () => {
    expect((await tillflow(['send', ndjson, '--to', address])).code).toBe(4)
    expect((await tillflow(['send', ndjson, '--to', address, '--token', 'tf_wrong'])).code).toBe(4)
    expect((await tillflow(['send', ndjson, '--to', 'http://127.0.0.1:1', '--token', token])).code).toBe(3)
  })

  it('status counts the receipts and names the number that is missing', async () => {
    await expect
      .poll(() => json(['status']), { timeout: 20_000 })
      .toMatchObject({ transactions: 3, gaps: 1, targets: [{ name: 'files', delivered: 3, pending: 0 }] })
    expect((await tillflow(['status'])).stdout).toContain('missing: store 9, workstation 3: 3')
  })

  it('show tells the journey of a receipt, and 3 of one that is not there', async () => {
    const journey = await json(['show', '9/3/2'])
    expect(journey).toMatchObject({
      transaction: { sequenceNumber: 2 },
      targets: [{ target: 'files', state: 'delivered' }],
    })
    expect((await tillflow(['show', '9/3/2'])).stdout).toMatch(/target +files \(file\): delivered/)
    expect((await tillflow(['show', '9/3/3'])).code).toBe(3)
  })

  it('audit tells who made the token, verifies what was sealed and finds what somebody changed', async () => {
    expect(await json(['audit', 'list', '--limit', '1'])).toMatchObject([
      { act: 'token.create', after: { name: 'tills' } },
    ])
    expect((await tillflow(['audit', 'list'])).stdout).toMatch(/cli:\S+ +token\.create/)
    await expect
      .poll(() => json(['audit', 'verify']), { timeout: 30_000 })
      .toMatchObject({ ok: true, checkpoints: expect.toSatisfy((count) => count > 0) })
    const { key } = await json(['audit', 'key'])
    const rotated = await json(['audit', 'rotate-key', '--reason', 'yearly'])
    expect(rotated).toMatchObject({ from: key })
    expect(await json(['audit', 'vouch-emptied', '--reason', 'a version before'])).toEqual({ records: 0 })
    expect((await tillflow(['audit', 'verify'])).stdout).toMatch(/^\d+ entries are what was sealed, in \d+ checkpoints/)
    const fileOnly = ['audit', 'verify', '--file-only', '--key', key]
    await expect.poll(() => json(fileOnly), { timeout: 30_000 }).toMatchObject({ ok: true, key: rotated.to })

    const url = await findEmbeddedPostgres(join(directory, 'data'))
    const owner = new pg.Client({ connectionString: url })
    await owner.connect()
    await owner.query(`update journal_events set data = '{}' where subject like '%/2'`)
    await owner.end()
    const { code, stdout } = await tillflow(['audit', 'verify'])
    expect(code).toBe(1)
    expect(stdout).toMatch(/^NOT AS SEALED: event [0-9a-f-]{36} \(entry \d+, checkpoint \d+\): .*\(altered\)/)
    expect(await json(fileOnly)).toMatchObject({ ok: true })
  })

  it('lanes and retry find nothing to do', async () => {
    expect(await json(['lanes'])).toEqual({ pausedTargets: [], events: [] })
    expect(await json(['retry', '--all'])).toEqual({ retried: 0 })
    expect((await tillflow(['retry'])).code).toBe(2)
  })

  it('pause stops a target, says why wherever one looks, and resume lets it go on', async () => {
    expect((await tillflow(['pause', 'files'])).code).toBe(2)
    expect((await tillflow(['pause', 'nobody', '--reason', 'x'])).code).toBe(3)
    expect(await json(['pause', 'files', '--reason', 'stock-taking'])).toMatchObject({
      target: 'files',
      changed: true,
      pause: { code: 'operator', reason: 'stock-taking' },
    })
    expect((await tillflow(['pause', 'files', '--reason', 'again'])).stdout).toContain('already')
    writeFileSync(join(directory, 'more.ndjson'), `${JSON.stringify(makeSale(5))}\n`)
    await json(['send', join(directory, 'more.ndjson'), '--to', address], { TILLFLOW_TOKEN: token })
    expect(await json(['status'])).toMatchObject({
      targets: [{ state: 'paused', pause: { reason: 'stock-taking' }, delivered: 3, pending: 1 }],
    })
    expect((await tillflow(['status'])).stdout).toMatch(/files is paused since .+: stock-taking/)
    expect((await tillflow(['lanes'])).stdout).toContain('tillflow resume files')
    expect(await json(['lanes', '--target', 'files'])).toMatchObject({
      pausedTargets: [{ target: 'files', code: 'operator', reason: 'stock-taking' }],
    })
    const metrics = await (await fetch(new URL('/metrics', address))).text()
    expect(metrics).toContain('tillflow_target_paused{destination="files",reason="operator"} 1')
    expect(await json(['resume', 'files'])).toEqual({ target: 'files', changed: true })
    expect((await tillflow(['resume', 'files'])).stdout).toContain('was not paused')
    await expect
      .poll(() => json(['status']), { timeout: 20_000 })
      .toMatchObject({ targets: [{ state: 'active', delivered: 4, pending: 0 }] })
  })

  it('token list does not show tokens, and revoke ends them', async () => {
    const listed = await tillflow(['token', 'list'])
    expect(listed.stdout).toContain('tills')
    expect(listed.stdout).not.toContain(token)
    const { token: other } = await json(['token', 'create', '--name', 'other', '--stores', '*', '--expires', '90d'])
    const found = (await json(['token', 'list'])).find((one: { name: string }) => one.name === 'other')
    expect(await json(['token', 'revoke', found.prefix])).toEqual({ revoked: true })
    expect(other).not.toBe(token)
    expect((await tillflow(['token', 'revoke', 'nobody'])).code).toBe(3)
    expect((await tillflow(['token', 'create', '--name', 'x', '--stores', '*', '--expires', 'soon'])).code).toBe(2)
  })

  it('migrate finds everything done, doctor everything in order', async () => {
    expect((await json(['migrate'])).applied).toEqual([])
    const checks = await json(['doctor'])
    expect(checks.filter((one: { ok: boolean }) => !one.ok)).toEqual([])
    expect(checks).toContainEqual(
      expect.objectContaining({ name: 'database', detail: expect.stringContaining('crash') }),
    )
  })

  it('metrics show what happened, in the format of Prometheus', async () => {
    const answer = await fetch(new URL('/metrics', address))
    expect(answer.headers.get('content-type')).toContain('version=0.0.4')
    const text = await answer.text()
    expect(text).toContain('tillflow_ingest_requests_total{source="tillflow",code="recorded"} 4')
    expect(text).toContain('tillflow_duplicates_total{source="tillflow"} 3')
    expect(text).toContain('tillflow_sequence_gaps_open 1')
    expect(text).toContain('tillflow_outbox_pending{destination="files"} 0')
  })

  it('break-glass makes a code that lets an administrator in, and sessions shows and ends that session', async () => {
    const { code, url, breakGlassId } = await json(['break-glass', '--reason', 'the provider is down'])
    expect(url).toMatch(/\/auth\/break-glass$/)
    const answer = await fetch(`${address}/auth/break-glass`, {
      method: 'POST',
      headers: { origin: address, 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ code }),
      redirect: 'manual',
    })
    expect(answer.status).toBe(303)
    const [cookie = ''] = answer.headers.getSetCookie()[0]?.split(';') ?? []
    const targets = () => fetch(`${address}/v1/targets`, { headers: { cookie } })
    expect((await targets()).status).toBe(200)
    const [session] = await json(['sessions', 'list'])
    expect(session).toMatchObject({ actor: `break-glass:${breakGlassId}`, grants: [{ role: 'admin' }] })
    expect((await tillflow(['sessions', 'list'])).stdout).toContain(`break-glass:${breakGlassId}`)
    expect((await tillflow(['sessions', 'end'])).code).toBe(2)
    expect(await json(['sessions', 'end', session.sessionId])).toEqual({ ended: 1 })
    expect((await targets()).status).toBe(401)
    expect((await tillflow(['break-glass'])).code).toBe(2)
  })

  it('people are added, get roles, lose them and are disabled, and choose a password by a code that is shown once', async () => {
    const people = (...args: string[]) => tillflow(['people', ...args])
    const { name, code, path } = await json(['people', 'add', 'north', '--role', 'operator', '--store', '9'])
    const form = { name, code, password: 'four words of a song', again: 'four words of a song' }
    const chosen = await fetch(`${address}${path}`, {
      method: 'POST',
      headers: { origin: address, 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(form),
    })
    expect(chosen.status).toBe(200)
    expect((await people('grant', 'north', '--role', 'viewer')).stdout).toContain('operator')
    expect(await json(['people', 'list'])).toMatchObject([
      { name: 'north', grants: [{ role: 'operator', store: '9' }, { role: 'viewer' }] },
    ])
    await json(['people', 'withdraw', 'north', '--role', 'operator', '--store', '9'])
    expect(await json(['people', 'list'])).toMatchObject([{ grants: [{ role: 'viewer' }] }])
    expect((await people('withdraw', 'north', '--role', 'admin')).stderr).toContain('not-found')
    expect((await people('add', 'north', '--role', 'viewer')).stderr).toContain('person-exists')
    expect((await people('add', 'south', '--role', 'king')).stderr).toContain('request-invalid')
    expect((await people('disable', 'nobody')).stderr).toContain('unknown-person')
    await json(['people', 'disable', 'north', '--reason', 'left'])
    expect((await people('list')).stdout).toContain('disabled')
    const acts = await json(['audit', 'list'])
    expect(JSON.stringify(acts)).not.toContain(code)
  })

  it('a second hub on the same data directory is refused', async () => {
    const { code, stderr } = await hub.run(['start'])
    expect(code).toBe(1)
    expect(stderr).toContain('data-directory-in-use')
  })

  it('stops when it is told to, and its log is JSON without tokens', async () => {
    expect(await hub.stop()).toBe(0)
    expect((await tillflow(['status'])).code).toBe(3)
    const lines = hub
      .log()
      .split('\n')
      .filter((line) => line.startsWith('{'))
    expect(lines.map((line) => JSON.parse(line).level)).toContain('info')
    expect(hub.log()).not.toContain(token)
  })
})
