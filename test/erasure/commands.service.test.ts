import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { CommandProcess } from '../command-process.ts'
import { HubProcess } from '../hub-process.ts'
import { saleTo } from './person.ts'

const directory = mkdtempSync(join(tmpdir(), 'tillflow-erase-'))
const commands = new CommandProcess({ directory })
let hub: HubProcess

beforeAll(async () => {
  hub = await HubProcess.start({ directory })
  const create = ['token', 'create', '--name', 'tills', '--stores', '*']
  const { token } = await commands.printed<{ token: string }>(create)
  for (const [number, customerId] of ['C-CLI-1', 'C-CLI-2'].entries()) {
    const body = JSON.stringify(saleTo(number + 1, { customerId }))
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    expect((await fetch(`${hub.address}/v1/transactions`, { method: 'POST', headers, body })).status).toBe(201)
  }
})
afterAll(async () => {
  await commands.stop()
  await hub?.stop('SIGKILL')
  rmSync(directory, { recursive: true, force: true })
})

it('erase looks first, refuses without a word why and without --yes, and names nobody', async () => {
  const person = 'customer:C-CLI-1'
  const looks = [
    ['nobody', '--dry-run'],
    [person, '--yes'],
    [person, '--reason', 'asked'],
    [person, '--dry-run', '--json'],
  ]
  const looked = await Promise.all(looks.map((args) => commands.run(['erase', ...args])))
  expect(looked.map(({ code }) => code)).toEqual([1, 2, 2, 0])
  expect(JSON.parse(looked.at(-1)?.stdout ?? '')).toMatchObject({ records: 1 })
  const { stdout, code } = await commands.run(['erase', 'customer:C-CLI-1', '--reason', 'C-CLI-1 asked', '--yes'])
  expect(code).toBe(0)
  expect(stdout).toMatch(/settling[\s\S]*rawErased: 1[\s\S]*fiscal-retention/)
  expect(stdout).not.toContain('C-CLI-1')
  const [status, going, shown] = await Promise.all(
    [
      ['erase', '--status', '--json'],
      ['erase', '--continue'],
      ['show', '9/3/1', '--payload'],
    ].map((args) => commands.run(args)),
  )
  expect(JSON.parse(status?.stdout ?? '')).toMatchObject([{ state: 'settling', counts: { receipts: 1 } }])
  expect(going?.code).toBe(6)
  expect(shown?.stdout).toContain('grandTotal')
  expect(shown?.stdout).not.toContain('C-CLI-1')
})

it('hold keeps a person from being erased', async () => {
  const { holdId } = await commands.printed<{ holdId: string }>([
    'hold',
    'add',
    'customer:C-CLI-2',
    '--reason',
    'lawsuit',
  ])
  const [list, erasing] = await Promise.all(
    [
      ['hold', 'list'],
      ['erase', 'customer:C-CLI-2', '--reason', 'asked', '--yes'],
    ].map((args) => commands.run(args)),
  )
  expect(list?.stdout).toContain('lawsuit')
  expect(erasing?.code).toBe(5)
  expect(erasing?.stderr).toContain('legal-hold')
  expect((await commands.run(['hold', 'remove', holdId, '--reason', 'over'])).code).toBe(0)
  expect((await commands.run(['hold', 'remove', holdId, '--reason', 'over'])).code).toBe(3)
})

it('export writes a file for its owner only, and never over another one', async () => {
  const file = join(directory, 'person.json')
  const args = ['export', 'customer:C-CLI-2', '--reason', 'asked', '--out', file]
  expect(await commands.printed(args)).toMatchObject({ records: 1, file })
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
    subject: 'customer:C-CLI-2',
    data: { journal: [{ data: { transaction: { customerId: 'C-CLI-2' } } }], intake: [{ fidelity: 'verbatim' }] },
  })
  expect((await commands.run(args)).code).toBe(2)
})

it('key rotate seals all keys under another master key while no hub runs, and the hub starts with it only', async () => {
  const newKeyFile = join(directory, 'new.key')
  const rotate = ['key', 'rotate', '--new-key-file', newKeyFile, '--reason', 'yearly']
  expect((await commands.run(rotate)).code).not.toBe(0)
  await hub.stop()
  // In a process of its own: it starts the database, and must be gone before the hub comes.
  expect(await hub.printed(rotate)).toMatchObject({ changed: true })
  await expect(HubProcess.start({ directory })).rejects.toThrow('settings-invalid')
  writeFileSync(join(directory, 'tillflow.json'), JSON.stringify({ masterKeyFile: newKeyFile }))
  hub = await HubProcess.start({ directory })
  const out = join(directory, 'again.json')
  await commands.printed(['export', 'customer:C-CLI-2', '--reason', 'asked', '--out', out])
  expect(JSON.parse(readFileSync(out, 'utf8'))).toMatchObject({ data: { intake: [{ fidelity: 'verbatim' }] } })
})
