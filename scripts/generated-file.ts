/** A file that is written from the code, and checked to be current. */
export interface GeneratedFile {
  /** From the repository's root. */
  path: string
  content: string
}
