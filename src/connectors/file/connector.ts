import { isAbsolute, normalize } from 'node:path'
import type { Connector } from '../../contract/connector.ts'
import { Problem } from '../../contract/problem.ts'
import { type FileTarget, findEventFile, readFilesOfDay, writeEventFile } from './client.ts'
import { toFileText } from './translate.ts'

/** A directory that another program reads: one file per event, in a directory per business day. */
export const file: Connector = {
  name: 'file',
  title: 'Files (NDJSON or CSV)',
  settings: [
    { name: 'directory', kind: 'string', title: 'Directory, as an absolute path', required: true },
    {
      name: 'format',
      kind: 'choice',
      title: 'NDJSON: the event in one line. CSV: one row for each line of the receipt',
      required: false,
      choices: ['ndjson', 'csv'],
      default: 'ndjson',
    },
  ],
  connect({ directory, format = 'ndjson' }) {
    if (!isAbsolute(String(directory))) throw new Problem('settings-invalid', 'directory must be an absolute path.')
    const target: FileTarget = {
      directory: normalize(String(directory)),
      format: format === 'csv' ? 'csv' : 'ndjson',
      prepared: new Set(),
    }
    return {
      features: { idempotent: true, lookUp: true },
      postTransaction: (event, context) => writeEventFile(target, event, context),
      // What was handed over is somebody else's: a file that changes after it was read would tell nobody.
      eraseCustomer: async () => ({ kind: 'skipped', reason: 'files that were handed over are not rewritten' }),
      findPosting: (event) => findEventFile(target, event),
      readStoreDay: (day) => readFilesOfDay(target, day),
      preview: (event) => toFileText(event, target.format),
    }
  },
}
