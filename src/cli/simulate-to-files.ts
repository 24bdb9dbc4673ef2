import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { drive } from '../simulator/drive.ts'
import { type EncodedDocument, encode } from '../simulator/sender/encode.ts'
import type { SimulateRun } from './run-simulate.ts'
import { writeContextFor } from './simulated-settings.ts'
import { writeWhole } from './write-whole.ts'

/**
 * Writes what each till uploads on a day to a file of its own, `receipts/<day>/<store>-<till>`: the day is that of the upload, so
 * what came late is in the file of the day on which it came. In the order of their names the files are in the order of time.
 */
export async function simulateToFiles(run: SimulateRun): Promise<{ files: number }> {
  const { options, simulation, source, writer, truth, progress, signal } = run
  const plans = simulation.regions.flatMap((region) => region.plans)
  let files = 0
  // The next till sells while the files of the one before are on their way to the disk.
  let writing = Promise.resolve()
  await drive(simulation, {
    sideBySide: false,
    signal,
    takeTillDay: async ({ plan, workstationId, businessDayDate }, uploads) => {
      const documents = encode([...uploads], { name: source.name, writer }, writeContextFor(source, plan, plans))
      const directory = join(options.directory, 'receipts', businessDayDate)
      const stem = `${plan.profile.businessUnitId}-${workstationId}`
      files += documents.length
      await writing
      writing = writeDocuments(directory, stem, writer.fileExtension, documents)
      // Whoever waits for it hears of a failure; nobody may be waiting yet.
      writing.catch(() => {})
      progress.show(simulation.counts, businessDayDate)
    },
    closeDay: (country, storeDays) => truth.append(country, storeDays),
  })
  await writing
  return { files }
}

async function writeDocuments(
  directory: string,
  stem: string,
  extension: string,
  documents: readonly EncodedDocument[],
): Promise<void> {
  await mkdir(directory, { recursive: true })
  for (const [index, { body, kind }] of documents.entries()) {
    const name = kind === 'receipts' ? stem : `${stem}-unreadable-${index}`
    await writeWhole(join(directory, `${name}${extension}`), body)
  }
}
