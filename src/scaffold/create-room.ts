import { access, cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Problem } from '../contract/problem.ts'
import { formatFiles } from './format-files.ts'
import { registerRoom } from './register-room.ts'
import { type RoomName, renameIn, roomName } from './rename.ts'
import type { ScaffoldKind } from './scaffold-kind.ts'

export interface RoomRequest {
  /** The checkout of the repository. */
  root: string
  name: string
  title?: string
  /** The room that is copied. */
  template?: string
}

const namePattern = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/
const nameLengthMax = 40

/**
 * Makes a room by copying one that works and is tested: its files, its samples and its suite, under the new name and in the
 * list of rooms. Tests that start a program of the template's own stay behind. Returns the files, from the root. Throws
 * Problem `scaffold-refused` where the name cannot be used or this is no checkout.
 */
export async function createRoom(kind: ScaffoldKind, request: RoomRequest): Promise<string[]> {
  const { root, name, title, template = kind.template } = request
  const folder = join('src', kind.folder)
  const indexFile = join(folder, 'index.ts')
  const index = await readFile(join(root, indexFile), 'utf8').catch(() => undefined)
  if (index === undefined) throw new Problem('scaffold-refused', `There is no ${indexFile} in this directory.`)
  if (!namePattern.test(name) || name.length > nameLengthMax)
    throw new Problem(
      'scaffold-refused',
      `A name is small letters and digits in words with hyphens, at most ${nameLengthMax}.`,
    )
  if (await exists(join(root, folder, name)))
    throw new Problem('scaffold-refused', `${folder}/${name} is there already.`)
  const main = await readFile(join(root, folder, template, kind.mainFile), 'utf8').catch(() => undefined)
  if (main === undefined || !namePattern.test(template))
    throw new Problem('scaffold-refused', `There is no ${kind.kind} of the name that is to be copied.`)
  const from = roomName(template, /title: '([^']*)'/.exec(main)?.[1])
  const to = roomName(name, title)
  const files = await copyRoom(join(root, folder), from, to)
  await writeFile(join(root, indexFile), registerRoom(index, kind, to))
  const made = [...files.map((file) => join(folder, name, file)), indexFile]
  await formatFiles(root, made)
  return made
}

async function copyRoom(folder: string, from: RoomName, to: RoomName): Promise<string[]> {
  const copied: string[] = []
  const entries = await readdir(join(folder, from.kebab), { recursive: true, withFileTypes: true })
  for (const entry of entries.filter((one) => one.isFile())) {
    const source = join(entry.parentPath, entry.name)
    const path = source.slice(join(folder, from.kebab).length + 1)
    const target = join(folder, to.kebab, path)
    if (!path.endsWith('.ts')) {
      await cp(source, target)
    } else {
      const text = await readFile(source, 'utf8')
      if (belongsToTemplate(path, text)) continue
      await mkdir(dirname(target), { recursive: true })
      await writeFile(target, renameIn(text, from, to))
    }
    copied.push(path)
  }
  return copied.sort()
}

/** Tests on the template's own program or peer; they would test the template a second time. */
function belongsToTemplate(path: string, text: string): boolean {
  return /\.(db|service|peer)\.test\.ts$/.test(path) || (path.endsWith('.test.ts') && text.includes('/simulator/'))
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
