import { parseArgs } from 'node:util'
import { changeFaults, noFaults } from '../faults.ts'
import { runBackOffice } from '../run-process.ts'
import { openReferenceErp } from './reference-erp.ts'

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    'data-directory': { type: 'string' },
    idempotent: { type: 'string', default: 'true' },
    'unknown-original': { type: 'string', default: 'conflict' },
    'api-key': { type: 'string' },
    seed: { type: 'string', default: '1' },
    faults: { type: 'string', default: '{}' },
  },
})

const { 'data-directory': dataDirectory, 'unknown-original': unknownOriginal, 'api-key': apiKey } = values
if (dataDirectory === undefined) throw new Error('--data-directory is needed')
if (unknownOriginal !== 'book' && unknownOriginal !== 'conflict' && unknownOriginal !== 'refuse') {
  throw new Error('--unknown-original is book, conflict or refuse')
}
const office = await openReferenceErp({
  dataDirectory,
  idempotent: values.idempotent !== 'false',
  unknownOriginal,
  seed: Number(values.seed),
  faults: changeFaults(noFaults, JSON.parse(values.faults)),
  ...(apiKey !== undefined && { apiKey }),
})
await runBackOffice(office, Number(values.port))
