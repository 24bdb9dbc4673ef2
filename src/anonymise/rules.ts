/**
 * What may be done with a value, by the name of its field. There is no rule for what must be hidden: whatever no rule keeps
 * becomes a pseudonym, and a rule keeps only values that look like what it is for.
 */
export type Kind =
  /** An amount, a quantity, a rate, a number in a run of numbers: kept. */
  | 'figure'
  /** A word of an enumeration, a currency, a code of the retailer's own: kept. */
  | 'code'
  /** A day or a time: kept, or shifted by whole days. */
  | 'date'
  /** The number of an article: kept, or replaced by another with a right check digit. */
  | 'goods'
  /** The Global Location Number of a store. */
  | 'location'
  /** A transaction key of ours, made of other identifiers. */
  | 'key'
  /** The name of a tax: its words for kinds of taxes are kept. */
  | 'tax'
  /** A telephone number. */
  | 'phone'
  /** What belongs to a card or its payment. */
  | 'card'
  /** Everything else. */
  | 'pseudonym'

/** How one source's documents name things. */
export interface Rules {
  /** The source's name. */
  source: string
  form: 'xml' | 'json'
  /** `parent` is the element or member above; attributes are asked for as `@Name`. Names come without namespace prefix. */
  kindOf(name: string, parent: string): Kind
  /** Whether a name that stands as a value, in pairs `{"name", "value"}`, is one that Tillflow wrote. */
  isOwnName?(name: string): boolean
}

/** Names apart by white space; `parent.name` where a name means different things in different places. */
export type Names = Partial<Record<Kind, string>>

/** The first that knows a name decides: `parent.name`, the name, then the patterns in their order. */
export function makeRules(
  source: string,
  form: Rules['form'],
  names: Names,
  patterns: readonly (readonly [RegExp, Kind])[],
): Rules {
  const known = new Map<string, Kind>()
  for (const [kind, list] of Object.entries(names) as [Kind, string][]) {
    for (const name of list.trim().split(/\s+/)) known.set(name, kind)
  }
  const kindOf = (name: string, parent: string): Kind =>
    known.get(`${parent}.${name}`) ??
    known.get(name) ??
    patterns.find(([pattern]) => pattern.test(name))?.[1] ??
    'pseudonym'
  return { source, form, kindOf }
}
