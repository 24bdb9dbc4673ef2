import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { anonymise } from '../src/anonymise/anonymise.ts'
import { deriveKey } from '../src/anonymise/anonymise-key.ts'
import { createPseudonyms } from '../src/anonymise/pseudonyms.ts'
import type { ReplaceOptions } from '../src/anonymise/replace-value.ts'
import { detectRules, rulesOf } from '../src/anonymise/rules/index.ts'
import type { Source } from '../src/contract/source.ts'
import { checkTransaction } from '../src/domain/checks/index.ts'
import { findSource, sources } from '../src/sources/index.ts'
import { readAll } from '../src/testing/source/read-all.ts'

/** What the readers make of a document must not change by its being anonymised, but for the pseudonyms. */

const samples = new URL('../../shared/samples/', import.meta.url)
const present = existsSync(samples)
if (!present) console.warn('SKIPPED: there are no vendor samples in ../shared/samples, so none was anonymised.')

const options: ReplaceOptions = {
  pseudonyms: createPseudonyms(deriveKey('a key for the tests')),
  shiftDays: 0,
  items: 'keep',
}
const context = {
  store: (businessUnitId: string) => ({
    businessUnitId,
    timeZone: 'Europe/Berlin',
    currency: 'EUR',
    businessDayStartsAt: '04:00',
    numbersRestartDaily: false,
    taxRounding: 'TOTAL' as const,
  }),
  account: { account: 'shop', storeOf: () => '9' },
}

async function run(bytes: Uint8Array, source: string, way = options): Promise<string> {
  let written = ''
  for await (const piece of anonymise([bytes], rulesOf(source), way)) written += piece
  return written
}

/** Everything a reader and the checks say, without texts about it. */
async function readOf(source: Source, bytes: Uint8Array) {
  const { results, problem } = await readAll(source, [bytes], context)
  const slices = results.map((result) => {
    if (result.kind === 'refused') return { kind: result.kind, code: result.problem.code }
    if (result.kind === 'unreadable') return { kind: result.kind, code: result.problem, partial: result.partial }
    if (result.kind === 'noted') return { kind: result.kind, what: result.what, count: result.count }
    const { transaction, unknownValues } = result
    const findings = [...result.findings, ...checkTransaction(transaction, context.store(transaction.businessUnitId))]
    return {
      kind: result.kind,
      transaction,
      findings: findings.map(({ check, severity }) => `${check} ${severity}`),
      unknown: unknownValues.map((value) => value.split('=')[0]),
    }
  })
  return { slices, problem: problem?.code }
}

const enumerations =
  /^(kind|check|transactionType|status|lineType|linkType|tenderType|itemType|taxType|currency|findings)$/

/** Fields that rules keep stand as they were, the others one for one; nothing is more, less or elsewhere. */
function expectSame(original: unknown, given: unknown): void {
  const known = new Map<string, string>()
  const differences: unknown[] = []
  const compare = (one: unknown, other: unknown, name: string, parent: string): void => {
    if (typeof one === 'object' && one !== null && typeof other === 'object' && other !== null) {
      if (Object.keys(one).join() !== Object.keys(other).join()) differences.push([name, Object.keys(one), other])
      for (const [key, value] of Object.entries(one)) {
        const [at, above] = Array.isArray(one) ? [name, parent] : [key, name]
        compare(value, (other as Record<string, unknown>)[key], at, above)
      }
      return
    }
    const kind = rulesOf('tillflow').kindOf(name, parent)
    // Goods without a number have their title for one, which somebody typed.
    const isTitle = name === 'itemId' && typeof one === 'string' && one.startsWith('custom:')
    if (isTitle && !String(other).startsWith('custom:')) differences.push([parent, name, one, other])
    const isKept = (['figure', 'date', 'goods'].includes(kind) && !isTitle) || enumerations.test(name)
    // In a vendor's own element the same text may be a code, which is kept.
    const place = parent === 'extensions' || kind === 'code' ? `${name}=${one}` : String(one)
    const expected = typeof one !== 'string' || isKept ? one : (known.get(place) ?? other)
    if (typeof one !== typeof other || other !== expected) differences.push([parent, name, one, other])
    if (typeof one === 'string' && !isKept) known.set(place, String(other))
  }
  compare(original, given, '', '')
  expect(differences).toEqual([])
}

function fixtures(): [string, Uint8Array][] {
  return sources.flatMap((source) => {
    const directory = new URL(`../src/sources/${source.name}/samples/`, import.meta.url)
    if (!existsSync(directory)) return []
    return readdirSync(directory)
      .filter((file) => file.includes('.theirs.'))
      .map((file): [string, Uint8Array] => [`${source.name}/${file}`, readFileSync(new URL(file, directory))])
  })
}

function filesBelow(folder: string): [string, Uint8Array][] {
  if (!present) return []
  return readdirSync(new URL(folder, samples), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry): [string, Uint8Array] => [entry.name, readFileSync(`${entry.parentPath}/${entry.name}`)])
}

describe.each(['keep', 'pseudonymous'] as const)('with %s articles, every sample of ours', (items) => {
  it.each(fixtures())('%s is read to the same transactions', async (name, bytes) => {
    const source = findSource(name.split('/')[0] ?? '')
    if (!source) throw new Error('there is no such source')
    const before = await readOf(source, bytes)
    const given = Buffer.from(await run(bytes, source.name, { ...options, items }))
    expect(given.toString()).not.toMatch(/zq7/i)
    expect(source.recognises(given)).toBe(source.recognises(bytes))
    const after = await readOf(source, given)
    expect(after.problem).toBe(before.problem)
    expect(after.slices).toHaveLength(before.slices.length)
    if (items === 'keep') expectSame(before.slices, after.slices)
    else expect(after.slices.map(({ kind }) => kind)).toEqual(before.slices.map(({ kind }) => kind))
  })
})

describe.skipIf(!present)('real POSLog', { timeout: 60_000 }, () => {
  it.each(filesBelow('poslog/'))('%s is read to the same transactions', async (_name, bytes) => {
    const source = findSource('poslog')
    if (!source) throw new Error('there is no POSLog')
    const after = Buffer.from(await run(bytes, 'poslog'))
    expectSame(await readOf(source, bytes), await readOf(source, after))
  })

  it('has nobody in it any more', async () => {
    for (const [, bytes] of filesBelow('poslog/')) {
      const original = Buffer.from(bytes).toString()
      const given = await run(bytes, 'poslog')
      const secrets = [
        ...original.matchAll(/(?:OperatorName|SerialNumber)="([^"]{5,})"/g),
        ...original.matchAll(
          /<(?:\w+:)?(?:LoyaltyID|MembershipID|AuthorizationCode|AddressLine|EMailAddress|LocalNumber|Text|Description|Name|VATRegistrationNumber|ReceiptCode|Receiver|Value)\b[^>]*>([^<]{6,})</g,
        ),
      ].map(([, secret = '']) => secret.trim())
      expect(secrets.length).toBeGreaterThan(1)
      for (const secret of secrets.filter((one) => /[1-9A-Za-z]{5}/.test(one))) expect(given).not.toContain(secret)
    }
  })
})

/** Members that say who somebody is, where to find or how to reach them, or that open something. */
const personal =
  /(^|_)(name|first_name|last_name|company|address\d?|street|city|zip|postal_code|locality|latitude|longitude|email|phone|phone_number|note|description|reason|token|url|site|ip|fingerprint|authorization|receipt_number|reference_id|statement_description|customer_id|merchant_id|team_member_id|employee_id|device_id)$/

/** Members that are called like it and hold a word of a list. */
const listed = /^(source_name|credit_card_company|cancel_reason|order_adjustments\.reason)$/

type Wanted = (name: string, parent: string) => boolean

/** By name alone, so that a rule that keeps too much is found. */
const isSecret: Wanted = (name, parent) =>
  personal.test(name) && !listed.test(name) && !listed.test(`${parent}.${name}`)

/** The texts and numbers of all members that are wanted. */
function valuesOf(value: unknown, isWanted: Wanted, name = '', parent = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((one) => valuesOf(one, isWanted, name, parent))
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([member, one]) => valuesOf(one, isWanted, member, name))
  return isWanted(name, parent) && (typeof value === 'string' || typeof value === 'number') ? [String(value)] : []
}

/** A document, or one for each line. */
function parseAll(text: string): unknown[] {
  try {
    return [JSON.parse(text)]
  } catch {
    return text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
  }
}

/** Words and numbers that tell something: the parts of an address of documentation do not, nor does a number of one digit. */
function wordsOf(values: string[]): Set<string> {
  const words = values.flatMap((value) => value.match(/[\p{L}\p{N}]{3,}/gu) ?? [])
  return new Set(words.filter((word) => !/^(https?|www|com|example|0+\d)$/.test(word)))
}

describe.each(['shopify', 'square'])('%s', (vendor) => {
  /** By name, so that a member that nobody has thought of is looked at too. */
  const kept = (name: string, parent: string) => rulesOf(vendor).kindOf(name, parent)
  const isCode: Wanted = (name, parent) => kept(name, parent) === 'code' && !isSecret(name, parent)

  it.skipIf(!present).each(filesBelow(`${vendor}/`))(
    '%s keeps its form, its sums and its links, and nobody',
    async (_name, bytes) => {
      const text = await run(bytes, vendor)
      const [original, given] = [JSON.parse(Buffer.from(bytes).toString()), JSON.parse(text)]
      const known = new Map<string, string>()
      const compare = (one: unknown, other: unknown, name: string, parent: string): unknown => {
        if (typeof one === 'object' && one !== null) {
          const isArray = Array.isArray(one)
          expect(Object.keys(other as object)).toEqual(Object.keys(one))
          for (const [key, value] of Object.entries(one)) {
            compare(value, (other as Record<string, unknown>)[key], isArray ? name : key, isArray ? parent : name)
          }
          return
        }
        expect(typeof other).toBe(typeof one)
        if (one === null || typeof one === 'boolean') return expect(other).toBe(one)
        if (['figure', 'date', 'goods'].includes(kept(name, parent))) return expect([name, other]).toEqual([name, one])
        if (kept(name, parent) !== 'pseudonym') return
        const pseudonym = known.get(String(one)) ?? String(other)
        expect([name, String(other)]).toEqual([name, pseudonym])
        known.set(String(one), String(other))
        if (/[A-Za-z0-9]{6}/.test(String(one))) expect(text).not.toContain(String(one))
      }
      compare(original, given, '', '')
      expect(new Set(known.values()).size).toBe(known.size)
      expect(text).not.toMatch(/Norman|hostmail|Chestnut|Louisville|625-1199|\b4242\b/)
    },
  )

  const documents = [...filesBelow(`${vendor}/`), ...fixtures().filter(([name]) => name.startsWith(`${vendor}/`))]

  it.each(documents)('leaves no word of a person and no address in %s', async (_name, bytes) => {
    const text = await run(bytes, vendor)
    const [original, given] = [parseAll(Buffer.from(bytes).toString()), parseAll(text)]
    const left = wordsOf(valuesOf(given, () => true))
    const codes = wordsOf(valuesOf(original, isCode))
    // What our own writer calls its properties is nobody's.
    const named = valuesOf(original, isSecret).filter((value) => !/^_tillflow_[a-z_]+$/.test(value))
    const secrets = [...wordsOf(named)].filter((word) => !codes.has(word))
    expect(secrets.filter((word) => left.has(word))).toEqual([])
    for (const mail of text.match(/[^\s"<>]+@[^\s"<>]+/g) ?? []) expect(mail).toMatch(/@example\.com$/)
    for (const url of text.match(/https?:[^\s"]+/g) ?? []) expect(url).toMatch(/^https:\/\/example\.com\//)
  })

  it('has people and secrets in its documents, or that would show nothing', () => {
    const secrets = documents.flatMap(([, bytes]) => valuesOf(parseAll(Buffer.from(bytes).toString()), isSecret))
    expect(wordsOf(secrets).size).toBeGreaterThan(20)
  })

  it.skipIf(!present || !findSource(vendor)).each(filesBelow(`${vendor}/`))(
    '%s is read by the source to the same transactions',
    async (_name, bytes) => {
      const source = findSource(vendor)
      if (!source) throw new Error('there is no such source')
      expectSame(await readOf(source, bytes), await readOf(source, Buffer.from(await run(bytes, vendor))))
    },
  )

  it.skipIf(!present)('recognises most of its documents without being told', () => {
    const files = filesBelow(`${vendor}/`)
    const found = files.filter(([, bytes]) => detectRules(bytes)?.source === vendor)
    expect(found.length).toBeGreaterThan(files.length / 2)
  })
})
