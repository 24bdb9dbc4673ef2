import { createPublicKey, createSecretKey, generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readActs } from '../audit/acts.ts'
import { systemClock } from '../contract/clock.ts'
import { silentLogger } from '../contract/logger.ts'
import { createTestDatabase } from '../testing/database/test-database.ts'
import { addMachine, findClient, listClients, revokeClient } from './clients.ts'
import { enrolTill, inviteTill } from './enrolment.ts'
import { followIdentity } from './known-identity.ts'
import { createProviderStore, pruneProviderState } from './provider-store.ts'
import { type PublicJwk, readEs256Jwk, readJwkSet } from './public-key.ts'
import { ensureSigningKeys, readSigningKeys, rotateSigningKeys, rotateWhenDue, signingKeyAt } from './signing-keys.ts'
import { createTries, pruneTries } from './tries.ts'

const identityKey = createSecretKey(randomBytes(32))
let database: Awaited<ReturnType<typeof createTestDatabase>>
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

const newKey = () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }) as PublicJwk
const actor = 'cli:ada'

describe('enrolment of tills', () => {
  it('takes the right code once, as people type it, and writes down who invited and who enrolled', async () => {
    const { pool } = database
    const { code, expiresAt } = await inviteTill(pool, identityKey, { store: '9', till: '1', actor })
    expect(code).toMatch(/^[0-9A-Z]{4}-[0-9A-Z]{4}$/)
    expect(Math.abs(expiresAt.getTime() - Date.now() - 900_000)).toBeLessThan(60_000)
    const typed = ` ${code.toLowerCase().replace('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l')}`
    const publicKey = newKey()
    const enrolled = await enrolTill(pool, identityKey, { store: '9', till: '1', code: typed, publicKey })
    expect(enrolled).toMatchObject({
      ...{ kind: 'till', stores: ['9'], workstationId: '1', binding: 'dpop', scopes: ['transactions:write'] },
      jwks: { keys: [publicKey] },
    })
    const again = enrolTill(pool, identityKey, { store: '9', till: '1', code, publicKey: newKey() })
    await expect(again).rejects.toMatchObject({ code: 'enrolment-code-invalid' })
    expect(await readActs(pool, 'till:9/1')).toMatchObject([{ act: 'till.invite', actor }])
    expect(await readActs(pool, `till:${enrolled.clientId}`)).toMatchObject([{ act: 'till.enrol' }])
    const { rows } = await pool.query('select code_hash from identity_enrolment_codes')
    expect(JSON.stringify(rows)).not.toContain(code.slice(0, 4))
  })

  it('refuses the right code after five wrong ones, also when they come at once', async () => {
    const { pool } = database
    const { code } = await inviteTill(pool, identityKey, { store: '9', till: '2', actor })
    const wrong = () => enrolTill(pool, identityKey, { store: '9', till: '2', code: 'AAAA-AAAA', publicKey: newKey() })
    const tries = await Promise.allSettled([wrong(), wrong(), wrong(), wrong(), wrong()])
    expect(tries.every(({ status }) => status === 'rejected')).toBe(true)
    const right = enrolTill(pool, identityKey, { store: '9', till: '2', code, publicKey: newKey() })
    await expect(right).rejects.toMatchObject({ code: 'enrolment-code-invalid' })
    const anew = await inviteTill(pool, identityKey, { store: '9', till: '2', actor })
    await enrolTill(pool, identityKey, { store: '9', till: '2', code: anew.code, publicKey: newKey() })
  })

  it('refuses a code of another till, one that is over, and one that a newer one has replaced', async () => {
    const { pool } = database
    const first = await inviteTill(pool, identityKey, { store: '9', till: '3', actor })
    const other = enrolTill(pool, identityKey, { store: '9', till: '4', code: first.code, publicKey: newKey() })
    await expect(other).rejects.toMatchObject({ code: 'enrolment-code-invalid' })
    const second = await inviteTill(pool, identityKey, { store: '9', till: '3', actor })
    const replaced = enrolTill(pool, identityKey, { store: '9', till: '3', code: first.code, publicKey: newKey() })
    await expect(replaced).rejects.toMatchObject({ code: 'enrolment-code-invalid' })
    await pool.query(
      "update identity_enrolment_codes set expires_at = now() - interval '1 s' where workstation_id = '3'",
    )
    const late = enrolTill(pool, identityKey, { store: '9', till: '3', code: second.code, publicKey: newKey() })
    await expect(late).rejects.toMatchObject({ code: 'enrolment-code-invalid' })
  })

  it('revokes the till that was enrolled in this place before', async () => {
    const { pool } = database
    const enrol = async () => {
      const { code } = await inviteTill(pool, identityKey, { store: '8', till: '1', actor })
      return enrolTill(pool, identityKey, { store: '8', till: '1', code, publicKey: newKey() })
    }
    const [old, present] = [await enrol(), await enrol()]
    expect(await findClient(pool, old.clientId)).toBeUndefined()
    expect(await findClient(pool, present.clientId)).toMatchObject({ clientId: present.clientId })
    expect(await readActs(pool, `till:${present.clientId}`)).toMatchObject([{ details: { replaces: old.clientId } }])
  })
})

describe('machines', () => {
  it('are added by their public keys, listed, and revoked with a reason', async () => {
    const { pool } = database
    const jwks = { keys: [newKey()] }
    const machine = await addMachine(pool, {
      ...{ name: 'erp', jwks, scopes: ['admin:read'], binding: 'bearer', actor },
    })
    expect(machine).toMatchObject({ kind: 'machine', name: 'erp', jwks })
    expect(machine).not.toHaveProperty('stores')
    await revokeClient(pool, machine.clientId, { actor, reason: 'stolen' })
    expect(await findClient(pool, machine.clientId)).toBeUndefined()
    expect((await listClients(pool, 'machine'))[0]).toMatchObject({ revokedAt: expect.any(Date) })
    await expect(revokeClient(pool, machine.clientId, { actor })).rejects.toMatchObject({ code: 'not-found' })
    await expect(revokeClient(pool, "' or true --", { actor })).rejects.toMatchObject({ code: 'not-found' })
    expect(await readActs(pool, `machine:${machine.clientId}`)).toMatchObject([
      { act: 'machine.add' },
      { act: 'machine.revoke', reason: 'stolen' },
    ])
  })

  it.each<[string, unknown]>([
    ['a private part', { ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }) }],
    ['a symmetric key', { kty: 'oct', k: 'c2VjcmV0' }],
    ['a key that is none', { kty: 'EC', crv: 'P-256', x: 'AAAA', y: 'AAAA' }],
    ['a weak RSA key', generateKeyPairSync('rsa', { modulusLength: 1_024 }).publicKey.export({ format: 'jwk' })],
    ['another use', { ...newKey(), use: 'enc' }],
    ['no keys', { keys: [] }],
    ['a number', 7],
  ])('have no key with %s', (_what, jwks) => {
    expect(() => readJwkSet(jwks)).toThrow(expect.objectContaining({ code: 'request-invalid' }))
    expect(() => readEs256Jwk(jwks)).toThrow(expect.objectContaining({ code: 'request-invalid' }))
  })
})

describe('signing keys', () => {
  it('are made once by processes that start together: one that signs, one that is published', async () => {
    const { pool } = database
    await Promise.all([1, 2, 3].map(() => ensureSigningKeys(pool, identityKey)))
    const keys = await readSigningKeys(pool, identityKey)
    expect(keys.map(({ activeFromMs }) => activeFromMs === undefined).toSorted()).toEqual([false, true])
  })

  it('take turns: the published one signs when it was published long enough, the old one is still known', async () => {
    const { pool } = database
    const before = await readSigningKeys(pool, identityKey)
    const [old, next] = [
      signingKeyAt(before, Date.now()),
      before.find(({ activeFromMs }) => activeFromMs === undefined),
    ]
    const options = { actor, publishedMs: 60_000, isCompromised: false }
    const rotation = await rotateSigningKeys(pool, identityKey, options)
    expect(rotation).toMatchObject({ kid: next?.kid, withdrawn: [] })
    const after = await readSigningKeys(pool, identityKey)
    expect(after).toHaveLength(3)
    expect(signingKeyAt(after, Date.now())?.kid).toBe(old?.kid)
    expect(signingKeyAt(after, rotation.activeFrom.getTime())?.kid).toBe(next?.kid)
    const { privateJwk, publicJwk } = after.find(({ kid }) => kid === old?.kid) ?? {}
    const signature = sign('sha256', Buffer.from('x'), { key: privateJwk?.() as never, format: 'jwk' })
    const publicKey = createPublicKey({ key: publicJwk as never, format: 'jwk' })
    expect(verify('sha256', Buffer.from('x'), publicKey, signature)).toBe(true)
    expect(await readActs(pool, `signing-key:${next?.kid}`)).toMatchObject([{ act: 'key.rotate', actor }])
  })

  it('take turns by themselves when one has signed for long enough, once, however many look', async () => {
    const { pool } = database
    const due = { actor: 'scheduler', publishedMs: 0, everyMs: 90 * 86_400_000 }
    const look = () => Promise.all([1, 2, 3].map(() => rotateWhenDue(pool, identityKey, due)))
    expect(await look()).toEqual([undefined, undefined, undefined])
    await pool.query("update identity_signing_keys set active_from = active_from - interval '90 days 1 minute'")
    const rotations = (await look()).filter((one) => one !== undefined)
    expect(rotations).toHaveLength(1)
    expect(await readActs(pool, `signing-key:${rotations[0]?.kid}`)).toMatchObject([
      { act: 'key.rotate', actor: 'scheduler', reason: 'due' },
    ])
    expect(await look()).toEqual([undefined, undefined, undefined])
  })

  it('are all withdrawn at once when they are compromised', async () => {
    const { pool } = database
    const rotation = await rotateSigningKeys(pool, identityKey, { actor, publishedMs: 60_000, isCompromised: true })
    expect(rotation.withdrawn.length).toBeGreaterThan(0)
    const keys = await readSigningKeys(pool, identityKey)
    expect(keys).toHaveLength(2)
    expect(signingKeyAt(keys, Date.now() + 1_000)?.kid).toBe(rotation.kid)
  })

  it('do not open under another master key, and stand nowhere in clear', async () => {
    const { pool } = database
    const [key] = await readSigningKeys(pool, createSecretKey(randomBytes(32)))
    expect(() => key?.privateJwk()).toThrow(expect.objectContaining({ code: 'sealed-data-unreadable' }))
    const [mine] = await readSigningKeys(pool, identityKey)
    const { rows } = await pool.query('select * from identity_signing_keys')
    expect(JSON.stringify(rows)).not.toContain(String(mine?.privateJwk().d))
  })
})

describe('what processes know', () => {
  it('follows revocations and keys, and is not trusted when nothing could be read for a minute', async () => {
    const { pool } = database
    let nowMs = Date.now()
    let ticks: (() => void)[] = []
    const clock = {
      now: () => nowMs,
      sleep: (_ms: number, signal?: AbortSignal) =>
        new Promise<void>((resolve) => {
          ticks.push(resolve)
          signal?.addEventListener('abort', () => resolve())
        }),
    }
    let isBroken = false
    const db = {
      query: (...args: unknown[]) =>
        isBroken ? Promise.reject(new Error('away')) : Reflect.apply(pool.query, pool, args),
    }
    const known = await followIdentity({ db: db as never, identityKey, clock, logger: silentLogger, pollMs: 10 })
    const tick = async () => {
      for (const one of ticks.splice(0)) one()
      while (ticks.length === 0) await systemClock.sleep(5)
    }
    const machine = await addMachine(pool, { ...{ name: 'x', jwks: newKey(), scopes: [], binding: 'bearer', actor } })
    await revokeClient(pool, machine.clientId, { actor })
    expect(known.isRevoked(machine.clientId)).toBe(false)
    await tick()
    expect(known.isRevoked(machine.clientId)).toBe(true)
    expect(known.isCurrent()).toBe(true)
    isBroken = true
    nowMs += 60_000
    await tick()
    expect(known.isCurrent()).toBe(false)
    isBroken = false
    await tick()
    expect(known.isCurrent()).toBe(true)
    ticks = []
    await known.stop()
  })
})

describe('the memory of the authorization server', () => {
  it('finds by id, uid and user code, marks as used once, and forgets by grant', async () => {
    const store = createProviderStore(database.pool, identityKey, 'DeviceCode')
    await store.put('one', { grantId: 'g', userCode: 'ABCD', uid: 'u', secret: 'nobody-sees-this' }, 60)
    for (const found of [store.find('one'), store.findByUid('u'), store.findByUserCode('ABCD')])
      expect(await found).toMatchObject({ secret: 'nobody-sees-this' })
    expect(await Promise.all([store.consume('one'), store.consume('one')])).toEqual(
      expect.arrayContaining([true, false]),
    )
    expect(await store.find('one')).toMatchObject({ consumed: expect.any(Number) })
    const { rows } = await database.pool.query('select * from identity_provider_state')
    expect(Buffer.concat(rows.map(({ sealed }) => sealed)).includes('nobody')).toBe(false)
    await store.revokeByGrantId('g')
    expect(await store.find('one')).toBeUndefined()
  })

  it('keeps an id once until it has ended, whoever comes at the same moment', async () => {
    const store = createProviderStore(database.pool, identityKey, 'ReplayDetection')
    const put = () => store.put('jti', {}, 60, { onlyOnce: true })
    const answers = await Promise.all(Array.from({ length: 8 }, put))
    expect(answers.filter(Boolean)).toHaveLength(1)
    await store.put('jti', {}, -1)
    expect(await store.find('jti')).toBeUndefined()
    expect(await put()).toBe(true)
    await store.put('old', {}, -1)
    expect(await pruneProviderState(database.pool, 100)).toBeGreaterThan(0)
    expect(await store.find('jti')).toBeDefined()
  })
})

describe('wrong tries', () => {
  const limit = { failuresMax: 3, lockMs: 60_000, lockMaxMs: 180_000, forgottenMs: 600_000 }
  const passTime = (seconds: number) =>
    database.pool.query(
      "update identity_tries set last_at = last_at - $1 * interval '1 s', locked_until = locked_until - $1 * interval '1 s'",
      [seconds],
    )

  it('lock their subject, twice as long each time, and nobody else; a right one ends that', async () => {
    const tries = createTries(database.pool, identityKey)
    const take = () => tries.take('somebody', limit)
    expect(await Promise.all([take(), take(), take()])).toContainEqual({ isAllowed: true, isLast: true })
    expect(await tries.take('another', limit)).toEqual({ isAllowed: true, isLast: false })
    for (const waitMs of [60_000, 120_000, 180_000, 180_000]) {
      const locked = await take()
      expect(locked).toMatchObject({ isAllowed: false })
      const found = locked.isAllowed ? 0 : locked.waitMs
      expect(Math.abs(found - waitMs)).toBeLessThan(5_000)
      await passTime(waitMs / 1_000)
      expect(await take()).toEqual({ isAllowed: true, isLast: true })
    }
    await tries.forget('somebody')
    expect(await take()).toEqual({ isAllowed: true, isLast: false })
  })

  it('are taken back one by one, and forgotten in time', async () => {
    const tries = createTries(database.pool, identityKey)
    const take = () => tries.take('careful', limit)
    for (let index = 0; index < 6; index += 1) {
      expect(await take()).toEqual({ isAllowed: true, isLast: false })
      await tries.giveBack('careful')
    }
    await take()
    await take()
    await passTime(601)
    expect(await take()).toEqual({ isAllowed: true, isLast: false })
    await passTime(3_601)
    expect(await pruneTries(database.pool, 100)).toBeGreaterThan(1)
  })
})
