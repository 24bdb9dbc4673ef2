import { busSourceFields } from './bus-sources.ts'
import type { Definition } from './definition.ts'
import { definitions } from './definitions.ts'
import { rangeOf, showDefault } from './list-settings.ts'
import { variableOf } from './load-settings.ts'
import { signInGroupFields } from './sign-in.ts'
import { sourceAccountFields } from './source-accounts.ts'
import { storeFields } from './stores.ts'
import { targetFields } from './targets.ts'
import { trustedIssuerFields } from './trusted-issuers.ts'

/** The reference of all settings in Markdown: what they are, not what they are set to. */
export function settingsReference(): string {
  const all = Object.entries<Definition>(definitions)
  const groups = new Set(all.map(([, definition]) => definition.group))
  return `${[
    '# Settings',
    '<!-- Written by `npm run generate` from src/settings/definitions.ts. -->',
    'A flag of the command wins over the environment, the environment over the settings file, the file over the default. The' +
      ' file is `tillflow.json` in the working directory, or the one that `TILLFLOW_SETTINGS_FILE` names: a JSON object with' +
      ' the names below as keys. A name that nobody knows is an error. `tillflow settings` prints what is in force, and where' +
      ' it comes from.',
    'A secret is in the setting itself, or where it points to: `file:/run/secrets/name` (a file), `env:NAME` (a variable), also' +
      ' in targets and source accounts ([keep secrets](../how-to/keep-secrets.md)). `start` refuses secrets that are short or well' +
      ' known, outside an `evaluation`.',
    ...[...groups].flatMap((group) => [
      `## ${group}`,
      settingsTable(all.filter(([, definition]) => definition.group === group)),
    ]),
    '### Fields of a store',
    fieldTable(storeFields),
    '### Fields of a bus source',
    fieldTable(busSourceFields),
    '### Fields of a source account',
    fieldTable(sourceAccountFields),
    '### Fields of a trusted issuer',
    fieldTable(trustedIssuerFields),
    '### Fields of a group of people',
    fieldTable(signInGroupFields),
    '### Fields of a target',
    fieldTable(targetFields),
  ].join('\n\n')}\n`
}

function settingsTable(settings: [name: string, definition: Definition][]): string {
  const rows = settings.map(([name, definition]) => [
    `\`${name}\`<br>\`${variableOf(name)}\``,
    definition.kind === 'integer' ? definition.unit : kindInWords[definition.kind],
    codeOrNothing(showDefault(definition)),
    rangeOf(definition),
    definition.description,
  ])
  return table(['Name and variable', 'Unit or kind', 'Default', 'Range', 'What it is'], rows)
}

function fieldTable(fields: Record<string, string>): string {
  return table(
    ['Field', 'What it is'],
    Object.entries(fields).map(([name, description]) => [`\`${name}\``, description]),
  )
}

function table(header: string[], rows: string[][]): string {
  return [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.map(cell).join(' | ')} |`).join('\n')
}

const kindInWords: Record<Exclude<Definition['kind'], 'integer'>, string> = {
  string: 'text',
  boolean: 'true or false',
  choice: 'one of',
  words: 'some of, with commas',
  texts: 'texts, with commas',
  secret: 'secret',
  objects: 'list of objects (JSON)',
}

const codeOrNothing = (text: string) => (text === '' ? '' : `\`${text}\``)
const cell = (text: string) => text.replaceAll('|', '\\|')
