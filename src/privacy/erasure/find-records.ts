import type { ClientBase } from 'pg'
import type { Erasing } from './holder.ts'
import type { ErasureHouse } from './house.ts'
import { findNames } from './name-finder.ts'
import { referenceOf, type Subject } from './subject.ts'

/** What a look at a person's records needs to know of the person. */
export async function lookingFor(
  { vault }: Pick<ErasureHouse, 'vault'>,
  client: ClientBase,
  subject: Subject,
): Promise<Erasing> {
  const subjectIndex = vault.indexOf(subject.name)
  const keyId = await vault.findKey(subjectIndex, client)
  return {
    erasureId: '',
    portion: '',
    subjectIndex,
    keyIds: keyId === undefined ? [] : [keyId],
    reference: referenceOf(subject, vault.references),
    refer: vault.references,
    names: findNames(subject.id),
    vault,
  }
}

/** The records that an index leads to. */
export async function findRecords(
  house: Pick<ErasureHouse, 'vault' | 'holders'>,
  client: ClientBase,
  subject: Subject,
): Promise<string[]> {
  const looking = await lookingFor(house, client, subject)
  return collectRecords(house.holders, client, looking)
}

export async function collectRecords(
  holders: ErasureHouse['holders'],
  client: ClientBase,
  erasing: Erasing,
  until?: Date,
): Promise<string[]> {
  const found = new Set<string>()
  for (const holder of holders) for (const id of (await holder.find?.(client, erasing, until)) ?? []) found.add(id)
  return [...found]
}
