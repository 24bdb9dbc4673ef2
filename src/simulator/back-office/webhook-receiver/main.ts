import { parseArgs } from 'node:util'
import { changeFaults, noFaults } from '../faults.ts'
import { runBackOffice } from '../run-process.ts'
import { openWebhookReceiver } from './webhook-receiver.ts'

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    'data-directory': { type: 'string' },
    key: { type: 'string', multiple: true, default: [] },
    seed: { type: 'string', default: '1' },
    faults: { type: 'string', default: '{}' },
    'keep-bodies': { type: 'boolean', default: false },
  },
})

if (values['data-directory'] === undefined) throw new Error('--data-directory is needed')
if (values.key.length === 0) throw new Error('--key is needed: whsec_ or whpk_, several times for several keys')
const office = await openWebhookReceiver({
  dataDirectory: values['data-directory'],
  keys: values.key,
  seed: Number(values.seed),
  faults: changeFaults(noFaults, JSON.parse(values.faults)),
  keepBodies: values['keep-bodies'],
})
await runBackOffice(office, Number(values.port))
