/** How much a finding matters: `error` means the figures cannot all be right. */
export type Severity = 'info' | 'warn' | 'error'

/** What a check says about a transaction. Findings travel with it; they never stop it. */
export interface Finding {
  /** Stable id of the check, e.g. `INV-05`. */
  check: string
  severity: Severity
  /** One sentence with the figures: what does not add up. */
  message: string
  /** What somebody should do about it. */
  advice?: string
  expected?: string
  given?: string
  lineNumber?: number
}
