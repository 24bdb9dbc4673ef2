import { nothingLost } from './i01-nothing-lost.ts'
import { onDiskFirst } from './i02-on-disk-first.ts'
import { oneEffect } from './i03-one-effect.ts'
import { noBlindResend } from './i04-no-blind-resend.ts'
import { oneIdentity } from './i05-one-identity.ts'
import { neverOverwritten } from './i06-never-overwritten.ts'
import { journalWithoutHoles } from './i07-journal-without-holes.ts'
import { orderPerKey } from './i08-order-per-key.ts'
import { poisonIsolates } from './i09-poison-isolates.ts'
import { boundedMemory } from './i10-bounded-memory.ts'
import { longOutage } from './i11-long-outage.ts'
import { recovery } from './i12-recovery.ts'
import { zombie } from './i13-zombie.ts'
import { databaseFlaps } from './i14-database-flaps.ts'
import { confirmedIsStored } from './i15-confirmed-is-stored.ts'
import { wrongClocks } from './i16-wrong-clocks.ts'
import { anyOrder } from './i18-any-order.ts'
import { schemaDrift } from './i19-schema-drift.ts'
import { resume } from './i20-resume.ts'
import { simulation } from './i27-simulation.ts'
import type { Invariant } from './invariant.ts'

/** Every invariant, in the order of its number. */
export const invariants: readonly Invariant[] = [
  nothingLost,
  onDiskFirst,
  oneEffect,
  noBlindResend,
  oneIdentity,
  neverOverwritten,
  journalWithoutHoles,
  orderPerKey,
  poisonIsolates,
  boundedMemory,
  longOutage,
  recovery,
  zombie,
  databaseFlaps,
  confirmedIsStored,
  wrongClocks,
  anyOrder,
  schemaDrift,
  resume,
  simulation,
]
