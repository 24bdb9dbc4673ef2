import { testStore } from '../../testing/receipts.ts'
import { hostileMarker } from '../../testing/source/hostile-input.ts'
import { describeSourceConformance } from '../../testing/source-conformance.ts'
import { tillflow } from './source.ts'

describeSourceConformance(tillflow, {
  samplesDirectory: new URL('samples/', import.meta.url),
  context: { store: (businessUnitId) => ({ ...testStore, businessUnitId }) },
  hostile: [
    { name: 'an empty input', bytes: Buffer.alloc(0), code: 'json-malformed' },
    { name: 'an unclosed document', bytes: Buffer.from(`{"a":"${hostileMarker}"`), code: 'json-malformed' },
    { name: 'a key twice', bytes: Buffer.from(`{"${hostileMarker}":1,"${hostileMarker}":2}`), code: 'duplicate-key' },
    { name: 'a prototype key', bytes: Buffer.from('{"__proto__":{"a":1}}'), code: 'forbidden-key' },
    { name: 'deep nesting', bytes: Buffer.from(`${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`), code: 'json-too-deep' },
    { name: 'invalid UTF-8', bytes: Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), code: 'invalid-encoding' },
    { name: 'a field that only the hub sets', bytes: Buffer.from('{"receivedAt":"now"}'), code: 'read-only-field' },
  ],
})
