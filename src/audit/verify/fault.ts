import type { Entry } from '../seal/entry.ts'

/** What is wrong, in a word that stays. */
export const faultKinds = {
  altered: 'it is not what was sealed',
  deleted: 'it is gone',
  emptied: 'something of it was taken away, and no act of the hub says so',
  inserted: 'it was never sealed and stands among what was',
  reordered: 'it stands elsewhere',
  truncated: 'it is gone, and so is everything after it',
  'checkpoint-altered': 'the checkpoint, or its list of entries, is not what was signed',
  'checkpoint-forged': 'the checkpoint is signed by another key than that of the chain',
  'checkpoint-missing': 'the checkpoint is gone from the database',
  'file-altered': 'the checkpoint file is not what was signed',
  'file-differs': 'the checkpoint in the file is another one than in the database',
} as const
export type FaultKind = keyof typeof faultKinds

/** The first thing that is not as it was sealed. */
export interface Fault {
  kind: FaultKind
  checkpoint: number
  /** Which one; undefined where only the checkpoint can be named. */
  entry?: { kind: Entry['kind']; id: string /** Among all entries, from 1. */; place: number }
}
