import { generateKeyPairSync, sign } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type StartedProcess, startProcess } from '../../../testing/connector-conformance.ts'
import { readWholeLog } from '../group-log.ts'

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const pair = generateKeyPairSync('ed25519')
const publicKey = `whpk_${pair.publicKey.export({ format: 'der', type: 'spki' }).subarray(12).toString('base64')}`
let directory: string
let receiver: StartedProcess

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tillflow-receiver-'))
  receiver = await start()
})
afterAll(async () => {
  await receiver.stop()
  await rm(directory, { recursive: true })
})

const start = () =>
  startProcess(join(import.meta.dirname, 'main.ts'), [
    ...['--data-directory', directory, '--key', secret, '--key', publicKey],
  ])

const bodyOf = (id: string) =>
  JSON.stringify({ specversion: '1.0', id, type: 't', subject: `till:${id}`, partitionkey: '9/3' })

function signed(id: string, body: string, at = new Date()): Record<string, string> {
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': new Webhook(secret).sign(id, at, body),
  }
}

async function send(headers: Record<string, string>, body: string) {
  const response = await fetch(`http://127.0.0.1:${receiver.port}/hook`, { method: 'POST', headers, body })
  return { status: response.status, body: await response.json() }
}

const counts = async () =>
  (await (await fetch(`http://127.0.0.1:${receiver.port}/admin/counts`)).json()) as Record<string, number>

describe('the webhook receiver', () => {
  it('takes a signed event in once, however often it comes', async () => {
    const body = bodyOf('a')
    const answers = await Promise.all([1, 2, 3].map(() => send(signed('a', body), body)))
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200])
    expect(await readWholeLog(join(directory, 'effects.ndjson'))).toMatchObject([
      { sequence: 1, webhookId: 'a', eventId: 'a', subject: 'till:a', partitionKey: '9/3' },
    ])
    expect(await counts()).toMatchObject({ requests: 3, effects: 1, seenBefore: 2, otherContent: 0 })
  })

  it('takes an Ed25519 signature', async () => {
    const body = bodyOf('e')
    const headers = signed('e', body)
    const content = Buffer.from(`e.${headers['webhook-timestamp']}.${body}`)
    const signature = `v1a,${sign(null, content, pair.privateKey).toString('base64')}`
    expect((await send({ ...headers, 'webhook-signature': `v1,AAAA ${signature}` }, body)).status).toBe(200)
  })

  const body = bodyOf('x')
  const minutes = (count: number) => new Date(Date.now() + count * 60_000)
  it.each([
    ['without headers', () => ({})],
    ['with another body', () => signed('x', `${body} `)],
    ['with another id', () => ({ ...signed('x', body), 'webhook-id': 'y' })],
    ['six minutes old', () => signed('x', body, minutes(-6))],
    ['six minutes ahead', () => signed('x', body, minutes(6))],
    ['with no signature', () => ({ ...signed('x', body), 'webhook-signature': '' })],
    [
      'with v1a over a v1 signature',
      () => {
        const headers = signed('x', body)
        return { ...headers, 'webhook-signature': String(headers['webhook-signature']).replace('v1,', 'v1a,') }
      },
    ],
    [
      'with a thousand signatures',
      () => {
        const headers = signed('x', body)
        return { ...headers, 'webhook-signature': `${'v1,AAAA '.repeat(1000)}${headers['webhook-signature']}` }
      },
    ],
  ])('refuses an event %s', async (_, headers) => {
    const before = await counts()
    expect((await send(headers(), body)).status).toBe(401)
    expect((await counts()).effects).toBe(before.effects)
  })

  it('knows what it has taken in after kill -9', async () => {
    const before = (await counts()).effects
    await receiver.kill()
    receiver = await start()
    const again = bodyOf('a')
    expect(await send(signed('a', again), again)).toEqual({ status: 200, body: { taken: 'before' } })
    expect((await counts()).effects).toBe(before)
  })

  it('notices when an id comes with another content', async () => {
    const other = bodyOf('a').replace('"t"', '"u"')
    expect((await send(signed('a', other), other)).status).toBe(200)
    expect((await counts()).otherContent).toBe(1)
  })
})
