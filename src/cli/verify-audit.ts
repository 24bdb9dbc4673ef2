import type { Fault } from '../audit/verify/fault.ts'
import type { AuditReport, VerifyOptions } from '../audit/verify/verify-audit.ts'
import { Problem } from '../contract/problem.ts'
import { exitCodes } from './exit-codes.ts'
import { printJson, printLine } from './print.ts'

interface VerifyCommandOptions {
  since?: string
  file?: string
  fileOnly?: boolean
  key?: string
  json?: boolean
}

const redrawMs = 200

/** `tillflow audit verify`. */
export async function verify(options: VerifyCommandOptions): Promise<number | undefined> {
  const { since, json } = options
  const { loadSettings } = await import('../settings/load-settings.ts')
  const { checkpointFileOf, sealingOf } = await import('../runtimes/node/seal-audit.ts')
  const { settings } = loadSettings()
  const file = options.file ?? checkpointFileOf(settings)
  if (options.fileOnly) return verifyFileOnly(file, options)
  if (options.key !== undefined) throw new Problem('settings-invalid', '--key goes with --file-only.')
  const { withDatabase } = await import('./open-database.ts')
  const { verifyAudit } = await import('../audit/verify/verify-audit.ts')
  const report = await withDatabase(settings, async (pool) => {
    const { auditKey, refer } = await sealingOf(settings, pool)
    const asked = since === undefined ? {} : { since: readSince(since) }
    return verifyAudit(pool, { auditKey, refer, file, ...asked, onProgress: drawProgress() })
  })
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
  if (json) printJson({ ok: !report.fault, file, ...report })
  else await tellReport(report, file)
  return report.fault ? exitCodes.failure : undefined
}

async function verifyFileOnly(file: string, { key, json }: VerifyCommandOptions): Promise<number | undefined> {
  const { verifyFile } = await import('../audit/verify/verify-file.ts')
  const report = await verifyFile(file, key)
  if (!report) throw new Problem('not-found', 'There is no checkpoint file at this place.')
  if (json) printJson({ ok: !report.fault, file, ...report })
  else if (report.fault) printLine(await faultText(report.fault))
  else
    printLine(`${report.checkpoints} checkpoints over ${report.entriesInAll} entries follow one another and are signed`)
  return report.fault ? exitCodes.failure : undefined
}

async function tellReport(report: AuditReport, file: string): Promise<void> {
  const { fault, checkpoints, entries, emptied, emptiedTexts, unsealed, lastSealedAt, checkpointsInFile } = report
  if (fault) return printLine(await faultText(fault))
  printLine(`${entries} entries are what was sealed, in ${checkpoints} checkpoints until ${lastSealedAt ?? 'never'}`)
  if (emptied > 0)
    printLine(`${emptied} of them are raw records that were emptied by an erasure or a rule of retention`)
  if (emptiedTexts > 0) printLine(`${emptiedTexts} are events whose free text an erasure took away`)
  if (unsealed > 0) printLine(`${unsealed} entries younger than the last checkpoint`)
  if (checkpointsInFile === undefined)
    printLine(`no checkpoint file at ${file}: what was cut off at the end cannot be seen`)
  else if (checkpointsInFile < checkpoints)
    printLine(`the checkpoint file has ${checkpointsInFile} of the ${checkpoints} checkpoints`)
}

async function faultText({ kind, checkpoint, entry }: Fault): Promise<string> {
  const { faultKinds } = await import('../audit/verify/fault.ts')
  const names = { event: 'event', raw: 'raw record', act: 'act' }
  const which = entry
    ? `${names[entry.kind]} ${entry.id} (entry ${entry.place}, checkpoint ${checkpoint})`
    : `checkpoint ${checkpoint}`
  return `NOT AS SEALED: ${which}: ${faultKinds[kind]} (${kind})`
}

function readSince(text: string): number | Date {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text)
  const at = new Date(text)
  if (!/^\d{4}-\d{2}-\d{2}/.test(text) || Number.isNaN(at.getTime()))
    throw new Problem('settings-invalid', '--since takes the number of a checkpoint, or an RFC 3339 time.')
  return at
}

/** Where somebody looks: on a terminal, on standard error. */
function drawProgress(): NonNullable<VerifyOptions['onProgress']> {
  let drawnAt = Date.now()
  return ({ checkpoint, checkpointsInAll, entries }) => {
    if (!process.stderr.isTTY || Date.now() - drawnAt < redrawMs) return
    drawnAt = Date.now()
    process.stderr.write(`\r${Math.floor((checkpoint / checkpointsInAll) * 100)} %, ${entries} entries\x1b[K`)
  }
}
