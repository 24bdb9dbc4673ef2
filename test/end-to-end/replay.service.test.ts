import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ErpScene, makeCardSale } from './erp-scene.ts'

let scene: ErpScene
beforeAll(async () => {
  scene = await ErpScene.open('replay')
  scene.writeSettings({})
  await scene.startHub()
})
afterAll(() => scene?.close())

const tillflow = (args: string[]) => scene.hub.run(args)

async function json(args: string[]) {
  const { stdout, stderr, code } = await tillflow([...args, '--json'])
  expect(stderr).toBe('')
  expect(code).toBe(0)
  return JSON.parse(stdout)
}

const sell = (businessDayDate: string, from: number, to: number) =>
  scene.sell(Array.from({ length: to - from + 1 }, (_, index) => makeCardSale(from + index, { businessDayDate })))

describe('a wrong mapping, and the way back', () => {
  const [monday, tuesday] = ['2026-03-02', '2026-03-03']
  let planId = ''

  it('is set between two days: the books of the second are wrong', async () => {
    await sell(monday, 1, 20)
    await scene.delivered(20)
    await scene.stopHub()
    scene.copyBooks()

    scene.writeSettings({}, { paymentMethods: 'CREDIT_DEBIT=voucher' })
    await scene.startHub()
    await sell(tuesday, 101, 140)
    await scene.delivered(60)
    expect(scene.effects().filter((one) => one.payments.voucher === 500)).toHaveLength(40)
  })

  it('is corrected; the ERP is restored to Monday evening; the dry run says what would change', async () => {
    await scene.stopHub()
    await scene.restoreBooks()
    const before = scene.writeSettings({}, { paymentMethods: 'CREDIT_DEBIT=voucher' }, 'before')
    scene.writeSettings({})
    await scene.startHub()

    const reason = 'card payments were booked as vouchers'
    const args = ['replay', '--target', 'erp', '--store', '9', '--reason', reason, '--sample', '60']
    const { replay, sample } = await json([...args, '--settings-before', before])
    planId = replay.replayId
    expect(replay).toMatchObject({
      state: 'planned',
      mode: 'missing',
      counts: { matched: 60, items: { delivered: 60 } },
    })
    expect(sample).toHaveLength(60)
    const there = sample.filter((one: { preview: { effect: string } }) => one.preview.effect === 'none')
    expect(there).toHaveLength(20)
    expect(there[0].preview.documents[0]).toMatchObject({ kind: 'sale', amount: '5.00', currency: 'EUR' })
    const missing = sample.filter((one: { preview: { effect: string } }) => one.preview.effect === 'new-document')
    expect(missing).toHaveLength(40)
    expect(missing[0].preview.changes).toEqual([{ path: '/payments/0/method', before: 'voucher', after: 'card' }])
    // Looking has changed nothing.
    expect(scene.effects()).toHaveLength(20)
    const told = await tillflow(['replay', '--plan', planId])
    expect(told.stdout).toContain('60 of 60 receipts that match')
    expect(told.stdout).toContain('new-document')
    expect(told.stdout).toContain(`tillflow replay --plan ${planId} --run`)
  })

  it('is replayed across a kill -9 of the hub: the ERP holds the right figures, once', async () => {
    await json(['replay', '--plan', planId, '--run', '--rate', '20', '--sample', '0'])
    await expect.poll(() => scene.effects().length, { timeout: 60_000, interval: 50 }).toBeGreaterThan(22)
    await scene.stopHub('SIGKILL')
    await scene.startHub()
    expect(await json(['replay', '--status', planId])).toMatchObject({ replay: { state: 'running' } })

    const { replay } = await json(['replay', '--pause'])
    expect(replay).toMatchObject({ replayId: planId, state: 'paused' })
    await sell('2026-03-04', 201, 203)
    await expect
      .poll(() => scene.effects().filter((one) => one.day === '2026-03-04').length, { timeout: 60_000 })
      .toBe(3)
    expect(scene.effects().length).toBeLessThan(63)
    await json(['replay', '--resume', planId, '--rate', '200'])
    await expect
      .poll(() => json(['replay', '--status', planId]), { timeout: 90_000 })
      .toMatchObject({ replay: { state: 'finished' }, progress: { planned: 0, open: 0, outcomes: { delivered: 60 } } })
    await scene.delivered(63)

    const booked = scene.effects()
    expect(booked).toHaveLength(63)
    expect(new Set(booked.map((one) => one.reference)).size).toBe(63)
    expect(booked.every((one) => one.payments.card === 500 && one.payments.voucher === undefined)).toBe(true)
    expect(booked.filter((one) => one.day === tuesday).reduce((sum, one) => sum + one.total, 0)).toBe(40 * 500)

    const { acts } = await json(['replay', '--status', planId])
    expect(acts.map((one: { act: string }) => one.act)).toEqual([
      'replay.plan',
      'replay.run',
      'replay.pause',
      'replay.resume',
    ])
    expect(acts[0]).toMatchObject({ reason: 'card payments were booked as vouchers' })
    expect(acts[0].actor).toMatch(/^cli:./)
    const journey = await json(['show', '9/1/102'])
    expect(journey.targets[0]).toMatchObject({ state: 'delivered', replays: [{ replayId: planId, mode: 'missing' }] })
    expect(journey.targets[0].replays[0].before.documents[0]).toMatchObject({ kind: 'sale' })
  })

  it('tells by exit code what was wrong with a question', async () => {
    const codeOf = async (...args: string[]) => (await tillflow(['replay', ...args])).code
    expect(await codeOf()).toBe(2)
    expect(await codeOf('--target', 'erp')).toBe(2)
    expect(await codeOf('--target', 'erp', '--reason', 'x', '--day', 'monday')).toBe(2)
    expect(await codeOf('--target', 'nobody', '--reason', 'x')).toBe(3)
    expect(await codeOf('--status', 'nobody')).toBe(3)
    expect(await codeOf('--pause')).toBe(3)
    expect(await codeOf('--resume', planId)).toBe(5)
    const again = await tillflow(['replay', '--target', 'erp', '--reason', 'x', '--mode', 'again', '--yes', '--json'])
    expect(again.code).toBe(5)
    expect(JSON.parse(again.stderr)).toMatchObject({ code: 'replay-unconfirmed' })
    expect(scene.effects()).toHaveLength(63)
  })

  it('drains: what was recorded arrives, what comes later waits, and resume lets it go', async () => {
    const drained = await json(['drain', 'erp', '--reason', 'stock-taking', '--wait'])
    expect(drained).toMatchObject({ target: 'erp', changed: true, state: 'paused', pause: { reason: 'stock-taking' } })
    await sell('2026-03-05', 301, 302)
    expect(await json(['status'])).toMatchObject({ targets: [{ state: 'paused', delivered: 63, pending: 2 }] })
    await json(['resume', 'erp'])
    await scene.delivered(65)
    expect((await tillflow(['drain', 'nobody', '--reason', 'x'])).code).toBe(3)
  })
})
