import { describe, expect, it } from 'vitest'
import type { ConnectedAccount } from '../contract/source.ts'
import { findSource } from '../sources/index.ts'
import { testStore } from '../testing/receipts.ts'
import { contextFor } from './file-context.ts'

const accountOf = (account: string): ConnectedAccount => ({
  source: 'shopify',
  account,
  names: [account, `old-${account}`],
  secrets: [],
  notificationUrl: '',
  storeOf: () => '9',
})
const [shopify, poslog] = ['shopify', 'poslog'].map((name) => {
  const source = findSource(name)
  if (!source) throw new Error(`there is no source ${name}`)
  return source
})
const store = () => testStore

describe('the account that a file is read for', () => {
  const [first, second] = [accountOf('a.myshopify.com'), accountOf('b.myshopify.com')]

  it('is the only one, else the one that was named', () => {
    if (!shopify) throw new Error('there is no source')
    expect(contextFor(shopify, { store, accounts: [first] }).account).toBe(first)
    const both = { store, accounts: [first, second] }
    expect(contextFor(shopify, { ...both, accountName: 'old-b.myshopify.com' }).account).toBe(second)
    expect(() => contextFor(shopify, both)).toThrow('--account')
    expect(() => contextFor(shopify, { ...both, accountName: 'c' })).toThrow('no such account')
    expect(() => contextFor(shopify, { store })).toThrow('no such account')
  })

  it('is none for files of tills', () => {
    if (!poslog) throw new Error('there is no source')
    expect(contextFor(poslog, { store, accounts: [first] })).toEqual({ store })
  })
})
