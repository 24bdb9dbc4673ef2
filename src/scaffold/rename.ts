/** A room's name in the forms that its files use. */
export interface RoomName {
  /** `acme-erp`: folder and `name`. */
  kebab: string
  /** `acmeErp`: the exported constant. */
  camel: string
  /** `Acme ERP`: for people. */
  title: string
}

/** Forms of a name in small letters with hyphens. */
export function roomName(kebab: string, title = titleOf(kebab)): RoomName {
  return { kebab, camel: kebab.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase()), title }
}

function titleOf(kebab: string): string {
  return kebab
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ')
}

/** Texts and comments are left as they are: `webhook-id` is a header of a standard, whatever the room is called. */
const textOrComment = /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`|\/\/[^\n]*|\/\*[\s\S]*?\*\//.source

/** A file of the room under its new name: the constant wherever it is used, the name and the title where they are stated. */
export function renameIn(text: string, from: RoomName, to: RoomName): string {
  const identifiers = new RegExp(`${textOrComment}|\\b${from.camel}\\b`, 'g')
  return text
    .replace(identifiers, (found) => (found === from.camel ? to.camel : found))
    .replaceAll(`name: '${from.kebab}',`, `name: '${to.kebab}',`)
    .replaceAll(/title: '[^'\n]*',/g, (found) =>
      found === `title: '${from.title}',` ? `title: '${to.title}',` : found,
    )
}
