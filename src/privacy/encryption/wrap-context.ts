/** What a data key is for: a wrapped key that is moved to another subject's row does not open. */
export function wrapContext(subjectIndex: Buffer | undefined): string {
  return subjectIndex === undefined ? 'data' : `subject ${subjectIndex.toString('base64')}`
}
