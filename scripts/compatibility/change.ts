/** Which way documents of a schema travel: in from clients, or out to consumers. */
export type Direction = 'input' | 'output'

/** `warning`: breaks only who does not ignore words that it does not know, which every consumer is asked to. */
export type Grade = 'compatible' | 'warning' | 'breaking'

export interface Change {
  /** Where, as a path through documents: `/transaction/lines/*(lineType=SALE)/quantity`. */
  path: string
  kind: ChangeKind
  grade: Grade
  /** What is different, in figures. */
  what: string
  /** Whom it breaks, and how. */
  why: string
}

type Verdict = readonly [grade: Grade, why: string]

const fine = (why: string): Verdict => ['compatible', why]
const breaks = (why: string): Verdict => ['breaking', why]

/** What a kind of change does to clients (input) and to consumers (output). */
const verdicts = {
  'field-removed': {
    input: breaks('clients still send it, and it would no longer be understood'),
    output: breaks('consumers read it'),
  },
  'field-added': {
    input: fine('clients need not send it'),
    output: fine('consumers ignore what they do not know'),
  },
  'required-field-added': {
    input: breaks('no client of today sends it'),
    output: fine('consumers ignore what they do not know'),
  },
  'field-required': {
    input: breaks('clients that leave it out would be refused'),
    output: fine('consumers get it always instead of sometimes'),
  },
  'field-optional': {
    input: fine('clients may go on sending it'),
    output: breaks('consumers rely on its being there'),
  },
  'type-narrowed': {
    input: breaks('clients that send the other type would be refused'),
    output: fine('consumers know what is left'),
  },
  'type-widened': {
    input: fine('what clients send is still taken'),
    output: breaks('consumers would get a type that they cannot read'),
  },
  'type-changed': {
    input: breaks('what clients send would be refused'),
    output: breaks('consumers would get a type that they cannot read'),
  },
  'constant-changed': {
    input: breaks('clients send the old value'),
    output: breaks('consumers compare with the old value'),
  },
  'word-removed': {
    input: breaks('clients that send the word would be refused'),
    output: fine('consumers just do not meet it any more'),
  },
  'word-added': {
    input: fine('what clients send is still taken'),
    output: ['warning', 'consumers meet a word that they do not know: they must treat it as unknown, not fail'],
  },
  'words-closed': {
    input: breaks('clients that send another word would be refused'),
    output: fine('consumers know every word by now'),
  },
  'words-opened': {
    input: fine('what clients send is still taken'),
    output: breaks('consumers relied on a closed list'),
  },
  'limit-tightened': {
    input: breaks('documents that were accepted would be refused'),
    output: fine('what consumers get still fits'),
  },
  'limit-loosened': {
    input: fine('what clients send still fits'),
    output: breaks('consumers made room for the old limit'),
  },
  'format-changed': {
    input: breaks('texts that were accepted may be refused'),
    output: breaks('consumers may fail to read the new form'),
  },
  'fields-closed': {
    input: breaks('clients that send more than we know would be refused'),
    output: fine('consumers ignore what they do not know'),
  },
  'fields-opened': {
    input: fine('what clients send is still taken'),
    output: breaks('consumers relied on knowing every field'),
  },
  'not-comparable': {
    input: breaks('nobody can say what it does to clients; use keywords that the gate knows'),
    output: breaks('nobody can say what it does to consumers; use keywords that the gate knows'),
  },
} as const satisfies Record<string, Record<Direction, Verdict>>

export type ChangeKind = keyof typeof verdicts

export function changeOf(direction: Direction, kind: ChangeKind, path: string, what: string): Change {
  const [grade, why] = verdicts[kind][direction]
  return { path: path === '' ? '/' : path, kind, grade, what, why }
}
