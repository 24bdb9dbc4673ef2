import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { JsonSchema } from './json-schema.ts'
import { frozenListPath, type PromisedSchema } from './promised-schemas.ts'

/** A schema as it was written down once. */
export interface Revision {
  path: string
  revision: number
  text: string
  isFrozen: boolean
}

/** SHA-256 by path. */
export type FrozenList = Record<string, string>

export function readFrozenList(root: string): FrozenList {
  const path = join(root, frozenListPath)
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as FrozenList) : {}
}

/** The revisions of a schema's version, the oldest first. */
export function readRevisions(root: string, schema: PromisedSchema, frozen: FrozenList): Revision[] {
  const directory = join(root, schema.directory)
  if (!existsSync(directory)) return []
  return readdirSync(directory)
    .flatMap((file) => {
      const [, version, revision] = /^(\d+)\.(\d+)\.json$/.exec(file) ?? []
      return Number(version) === schema.version && revision !== undefined ? [Number(revision)] : []
    })
    .sort((left, right) => left - right)
    .map((revision) => {
      const path = revisionPath(schema, revision)
      return { path, revision, text: readFileSync(join(root, path), 'utf8'), isFrozen: path in frozen }
    })
}

export function revisionPath({ directory, version }: PromisedSchema, revision: number): string {
  return `${directory}/${version}.${revision}.json`
}

/** Frozen files that are gone or were edited. */
export function findBrokenSeals(root: string, frozen: FrozenList): string[] {
  return Object.entries(frozen).flatMap(([path, sha256]) => {
    const file = join(root, path)
    if (!existsSync(file)) return [`${path} was released and is gone`]
    return sha256Of(readFileSync(file, 'utf8')) === sha256 ? [] : [`${path} was released and has been edited`]
  })
}

/** Frozen files of versions that are no longer promised: whoever relies on them would be left alone without a word. */
export function findForsaken(schemas: readonly PromisedSchema[], frozen: FrozenList): string[] {
  return Object.keys(frozen).filter(
    (path) => !schemas.some(({ directory, version }) => path.startsWith(`${directory}/${version}.`)),
  )
}

/** Adds the newest revision of each schema to the list: from now on it is a promise. Returns what is new in it. */
export function freezeNewest(root: string, schemas: readonly PromisedSchema[]): string[] {
  const frozen = readFrozenList(root)
  const newest = schemas.flatMap((schema) => readRevisions(root, schema, frozen).slice(-1))
  const added = newest.filter((revision) => !revision.isFrozen)
  const all = { ...frozen, ...Object.fromEntries(added.map(({ path, text }) => [path, sha256Of(text)])) }
  const sorted = Object.fromEntries(Object.entries(all).sort(([left], [right]) => (left < right ? -1 : 1)))
  if (added.length > 0) writeFileSync(join(root, frozenListPath), `${JSON.stringify(sorted, null, 2)}\n`)
  return added.map(({ path }) => path)
}

export function parseSchema(text: string): JsonSchema {
  return JSON.parse(text) as JsonSchema
}

function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
