import { execFile } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeSale } from '../../src/testing/receipts.ts'
import { HubProcess } from '../hub-process.ts'
import { mainScript } from '../launch-tillflow.ts'

const howTo = join(import.meta.dirname, '../../docs/how-to/enrol-a-till.md')
let directory: string
let hub: HubProcess

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tillflow-how-to-'))
  hub = await HubProcess.start({ directory, environment: { TILLFLOW_IDENTITY_POLL_MS: '200' } })
})
afterAll(async () => {
  await hub?.stop()
  await rm(directory, { recursive: true, force: true })
})

/** Runs text of the how-to as somebody types it, in a shell of its own. */
function start(text: string) {
  const script = `set -e\ntillflow() { "${process.execPath}" "${mainScript}" "$@"; }\n${text}`
  return promisify(execFile)('bash', ['-c', script.replaceAll('http://127.0.0.1:7070', hub.address)], {
    ...{ cwd: directory, env: { PATH: process.env.PATH ?? '', TILLFLOW_IDENTITY_POLL_MS: '200' } },
  })
}

async function type(text: string) {
  return start(text).catch((error: { stdout: string; stderr: string; code: number }) => error)
}

/** The code that a till shows while it waits. */
async function shownBy({ child }: ReturnType<typeof start>): Promise<string> {
  let said = ''
  return new Promise((resolve, reject) => {
    child.stderr?.on('data', (text) => {
      said += text
      const [, code] = /and type ([A-Z]{4}-[A-Z]{4})/.exec(said) ?? []
      if (code !== undefined) resolve(code)
    })
    child.once('exit', () => reject(new Error(said)))
  })
}

describe('the how-to of enrolment', () => {
  it('does what it says, command by command', async () => {
    const receipts = [1, 2, 3].map((number) => ({ ...makeSale(number), businessUnitId: '9', workstationId: '1' }))
    await writeFile(join(directory, 'receipts.ndjson'), `${receipts.map((one) => JSON.stringify(one)).join('\n')}\n`)
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    await writeFile(join(directory, 'erp-public.json'), JSON.stringify(publicKey.export({ format: 'jwk' })))
    const text = await readFile(howTo, 'utf8')
    const blocks = [...text.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = '']) => block)
    expect(blocks.length).toBeGreaterThan(5)

    // The till waits while somebody answers it.
    const ofDevices = blocks.filter((block) => /back-door|BCDF-GHJK/.test(block))
    const [show = '', answer = ''] = ofDevices
    expect(ofDevices).toHaveLength(2)
    const waiting = start(show)
    const answered = await type(answer.replaceAll('BCDF-GHJK', await shownBy(waiting)))
    expect(answered.stdout).toMatch(/name +back door .*key +[\w-]{43}.*it enrols as till 2 of store 9/s)

    const { stdout, stderr } = await type(blocks.filter((block) => !ofDevices.includes(block)).join('\n'))
    expect(stderr).not.toContain('error:')
    expect(stdout).toMatch(/enrolled as [0-9a-f-]{36}/)
    expect(stdout).toContain('receipts.ndjson: recorded 3,')
    expect(stdout).toContain('9/1 is revoked')
    expect(stdout).toMatch(/ERP is machine [0-9a-f-]{36}/)
    expect(stdout).toMatch(/key \S{43} signs from/)
    expect((await waiting).stdout).toMatch(/enrolled as [0-9a-f-]{36}, till 2 of store 9/)
    for (const file of ['till.json', 'back-door.json']) expect((await stat(join(directory, file))).mode & 0o077).toBe(0)

    await new Promise((resolve) => setTimeout(resolve, 500))
    const refused = await type(blocks.find((block) => block.startsWith('tillflow send')) ?? '')
    expect(refused).toMatchObject({ code: 4, stderr: expect.stringContaining('unauthorized') })
  })
})
