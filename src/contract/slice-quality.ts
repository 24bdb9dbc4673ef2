/** How many slices of a document came to what; every slice is in one of them (`docs/reference/answers.md`). */
export interface SliceCounts {
  recorded: number
  duplicates: number
  quarantined: number
  conflicts: number
  refused: number
  /** Slices that were understood and are no transaction, or none yet. How many things each is about is its own `count`. */
  noted: number
}

/** What nobody need look at. */
const goodKinds: ReadonlySet<string | undefined> = new Set(['recorded', 'duplicate', 'noted'])

/** Whether a person must look at a slice. An answer without a kind is a refusal. */
export function isBadSlice({ kind }: { kind?: string | undefined }): boolean {
  return !goodKinds.has(kind)
}

/** Counts the answers of the hub to some slices, whoever asked. */
export function countSlices(answers: readonly { kind?: string | undefined }[]): SliceCounts {
  const of = (kind: string | undefined) => answers.filter((one) => one.kind === kind).length
  return {
    recorded: of('recorded'),
    duplicates: of('duplicate'),
    quarantined: of('quarantined'),
    conflicts: of('conflict'),
    refused: of(undefined),
    noted: of('noted'),
  }
}

export function addCounts(some: SliceCounts, more: SliceCounts): SliceCounts {
  return {
    recorded: some.recorded + more.recorded,
    duplicates: some.duplicates + more.duplicates,
    quarantined: some.quarantined + more.quarantined,
    conflicts: some.conflicts + more.conflicts,
    refused: some.refused + more.refused,
    noted: some.noted + more.noted,
  }
}

/** Before so many slices nobody can say that a file is bad, unless it ends. */
export const qualitySlicesMin = 200

/** Whether more of a file is bad than the share (from 0 to 1) that is allowed: then it is stopped, since it is not what it should be. */
export function hasTooManyBad(
  { slices, quarantined, refused }: { slices: number; quarantined: number; refused: number },
  badShareMax: number,
  slicesMin: number,
): boolean {
  return slices >= slicesMin && (quarantined + refused) / slices > badShareMax
}
