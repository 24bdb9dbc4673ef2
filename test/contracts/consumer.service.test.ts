import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadPact } from './load-pact.ts'
import { awardPoints, type LoyaltyEvent } from './loyalty-points/award-points.ts'
import { needs } from './loyalty-points/needs.ts'

const pact = await loadPact()
const member = 'ref_4yCWQkTBLLDO3fpxGkGqtA'
const committed = new URL('pacts/loyalty-points-tillflow.json', import.meta.url)

/** What two files must agree in: what wrote them, and when, is no part of a contract. */
function contractIn(path: string | URL): unknown {
  const { metadata: _, ...contract } = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
  return contract
}

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'tillflow-pact-'))
})
afterAll(() => rmSync(directory, { recursive: true }))

describe.skipIf(!pact)('the consumer loyalty-points', () => {
  it('understands what it asks for, and asks for what is written in its pact', () => {
    const contract = pact?.makeConsumerAsyncMessagePact('loyalty-points', 'tillflow', 5)
    const entries = needs.map(({ description, state, metadata, contents }) => {
      const message = contract?.newAsynchronousMessage(description)
      message?.given(state)
      message?.withContents(JSON.stringify(contents), 'application/json')
      for (const [name, value] of Object.entries(metadata)) message?.withMetadata(name, value)
      const { contents: given } = JSON.parse(message?.reifyMessage() ?? '{}') as { contents: { content: LoyaltyEvent } }
      return awardPoints(description, given.content)
    })
    expect(entries).toEqual([
      { id: 'a sale with a loyalty account', accountId: member, points: 5n },
      { id: 'a return with a loyalty account', accountId: member, points: -5n },
    ])
    contract?.writePactFile(directory, false)
    const written = join(directory, 'loyalty-points-tillflow.json')
    if (process.env.UPDATE_PACT) copyFileSync(written, committed)
    expect(contractIn(committed)).toEqual(contractIn(written))
  })

  it('passes over what earns nothing and what it does not know', () => {
    const sale = { transactionType: 'SALE', businessUnitId: '9', currency: 'EUR', totals: { grandTotal: '5.00' } }
    const ofMember = { ...sale, loyaltyAccountId: member }
    expect(awardPoints('1', { transaction: sale })).toBeUndefined()
    expect(awardPoints('1', { transaction: { ...ofMember, transactionType: 'SOMETHING_NEW' } })).toBeUndefined()
    expect(awardPoints('1', { transaction: ofMember })).toEqual({ id: '1', accountId: member, points: 5n })
  })
})
