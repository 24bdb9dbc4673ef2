import { describe, expect, it } from 'vitest'
import type { ConnectorFeatures } from '../../contract/connector.ts'
import { type ItemJudgement, judgeItem, type PresentState } from './judge-item.ts'

const idempotent: ConnectorFeatures = { idempotent: true, lookUp: false }
const both: ConnectorFeatures = { idempotent: true, lookUp: true }
const lookUp: ConnectorFeatures = { idempotent: false, lookUp: true }
const neither: ConnectorFeatures = { idempotent: false, lookUp: false }

const send: ItemJudgement = { kind: 'release', lookFirst: false, again: false }
const look: ItemJudgement = { kind: 'release', lookFirst: true, again: false }
const again: ItemJudgement = { kind: 'release', lookFirst: false, again: true }
const left = (because: Extract<ItemJudgement, { kind: 'left' }>['because']): ItemJudgement => ({
  kind: 'left',
  because,
})

describe('an event whose replay is asked for (states.md, table 5)', () => {
  describe('in mode missing', () => {
    it.each<[PresentState, string, ConnectorFeatures, ItemJudgement]>([
      ['delivered', 'idempotent', idempotent, send],
      ['delivered', 'idempotent with look-up', both, look],
      ['delivered', 'look-up only', lookUp, look],
      ['delivered', 'neither', neither, left('cannot-be-asked')],
      ['unaccounted', 'look-up only', lookUp, look],
      ['unaccounted', 'neither', neither, left('cannot-be-asked')],
      ['needs-check', 'look-up only', lookUp, look],
      ['needs-check', 'neither', neither, left('cannot-be-asked')],
      ['skipped', 'idempotent', idempotent, send],
      ['skipped', 'look-up only', lookUp, look],
      ['skipped', 'neither', neither, send],
      ['parked', 'idempotent', idempotent, send],
      ['parked', 'look-up only', lookUp, look],
      ['parked', 'neither', neither, send],
    ])('%s, %s', (state, _name, features, expected) => {
      expect(judgeItem('missing', features, state)).toEqual(expected)
    })
  })

  describe('in mode again', () => {
    it.each<[PresentState, string, ConnectorFeatures, ItemJudgement]>([
      ['delivered', 'idempotent', idempotent, again],
      ['delivered', 'neither', neither, again],
      ['skipped', 'look-up only', lookUp, again],
      ['parked', 'idempotent', both, again],
      ['needs-check', 'neither', neither, again],
      ['needs-check', 'look-up only', lookUp, left('look-up-first')],
      ['unaccounted', 'idempotent', idempotent, again],
      ['unaccounted', 'neither', neither, again],
      ['unaccounted', 'idempotent with look-up', both, left('look-up-first')],
      ['unaccounted', 'look-up only', lookUp, left('look-up-first')],
    ])('%s, %s', (state, _name, features, expected) => {
      expect(judgeItem('again', features, state)).toEqual(expected)
    })
  })

  it.each<PresentState>(['pending', 'sending', 'retry', 'unknown', 'queued', 'waiting'])(
    'is left to delivery while it is %s, in either mode',
    (state) => {
      for (const features of [idempotent, both, lookUp, neither]) {
        expect(judgeItem('missing', features, state)).toEqual(left('on-its-way'))
        expect(judgeItem('again', features, state)).toEqual(left('on-its-way'))
      }
    },
  )
})
