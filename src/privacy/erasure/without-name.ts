import { findNames } from './name-finder.ts'
import type { Subject } from './subject.ts'

/** What an operator wrote, with the person's reference instead of the id: it is kept when the person is not. */
export function withoutName(text: string, { id }: Pick<Subject, 'id'>, reference: string): string {
  return findNames(id).replaceIn(text.replaceAll('\0', ''), reference).slice(0, 500)
}
