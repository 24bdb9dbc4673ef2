import type { RoomName } from './rename.ts'
import type { ScaffoldKind } from './scaffold-kind.ts'

/** The `index.ts` of the rooms with one more: imported in its place of the alphabet, last in the list. */
export function registerRoom(index: string, { list, mainFile }: ScaffoldKind, { kebab, camel }: RoomName): string {
  const lines = index.split('\n')
  const line = `import { ${camel} } from './${kebab}/${mainFile}'`
  const pathOf = (text: string) => /^import \{ \w+ \} from '(\.\/[\w-]+\/)/.exec(text)?.[1]
  const after = lines.findIndex((text) => (pathOf(text) ?? '') > `./${kebab}/`)
  const lastImport = lines.findLastIndex((text) => pathOf(text) !== undefined)
  lines.splice(after === -1 ? lastImport + 1 : after, 0, line)
  const registered = lines
    .join('\n')
    .replace(new RegExp(`(export const ${list}\\b[^=]*= \\[[^\\]]*?)(,?\\s*)\\]`), `$1, ${camel}]`)
  if (!registered.includes(`, ${camel}]`)) throw new Error(`the list ${list} was not found in the index of the rooms`)
  return registered
}
