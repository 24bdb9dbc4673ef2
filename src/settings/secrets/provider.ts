/**
 * A place where secrets are kept, named in a setting as `<scheme>:<reference>`. A new one is a file in this folder and a line in
 * index.ts. Settings are read once, before anything else runs, so it reads at once: a cloud manager through its command
 * (`execFileSync`), or through the file that its agent writes.
 */
export interface SecretProvider {
  scheme: string
  /** What the part after the colon must look like, in words. */
  form: string
  /** Whether the part after the colon is a reference at all. */
  isReference(reference: string): boolean
  /** Undefined where nothing is kept under this name. Throws what it meets; nobody is shown that. */
  read(reference: string): string | undefined
}
