import { Problem } from '../../contract/problem.ts'
import type { SubjectKind } from '../personal-data.ts'
import { isReference, type Reference } from '../references.ts'

/** A person, as somebody who asks names them. */
export interface Subject {
  kind: SubjectKind
  id: string
  /** `customer:ID`, as in `subjectOf`. */
  name: string
}

const idLengthMax = 256

/** Throws Problem `unknown-subject`, which does not repeat what was given. */
export function readSubject(text: string): Subject {
  const [, kind, id] = /^(customer|loyalty):(.+)$/s.exec(text.trim()) ?? []
  if (id === undefined || id.length > idLengthMax || id.includes('\0') || isReference(id))
    throw new Problem('unknown-subject')
  return { kind: kind as SubjectKind, id, name: `${kind}:${id}` }
}

/** What stands for the person wherever the person itself may not. */
export function referenceOf({ kind, id }: Pick<Subject, 'kind' | 'id'>, refer: Reference): string {
  return refer(kind, id)
}
