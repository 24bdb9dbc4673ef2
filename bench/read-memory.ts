import { poslog } from '../src/sources/poslog/source.ts'
import { testStore } from '../src/testing/receipts.ts'
import { poslogPieces } from './read-documents.ts'

/** Reads a document of so many megabytes in a process of its own and prints the most memory it ever held. */
const megabytes = Number(process.argv[2])
let count = 0
for await (const result of poslog.read(poslogPieces(megabytes * 1e6), { store: () => testStore })) {
  if (result.kind !== 'transaction') throw new Error('the document is not read')
  count += 1
}
if (count === 0) throw new Error('nothing was read')
// maxRSS is in kibibytes.
process.stdout.write(String((process.resourceUsage().maxRSS * 1024) / 1e6))
