import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

const file = join(import.meta.dirname, '../../docs/how-to/sign-in-with-your-provider.md')

/** The how-to, as somebody follows it whose hub has the given address. */
export interface HowTo {
  hubAddress: string
  /** The blocks of code below a heading, in the order in which they stand there, as JSON. */
  json<Block>(heading: string): Block[]
  /** The same of shell. */
  shell(heading: string): string[]
}

export async function readHowTo(hubAddress: string): Promise<HowTo> {
  const text = (await readFile(file, 'utf8')).replaceAll('https://tillflow.example', hubAddress)
  const blocks = (heading: string, language: string) => {
    const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`))
    if (section === undefined) throw new Error(`the how-to has no section "${heading}"`)
    return [...section.matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, 'g'))].map(
      ([, block = '']) => block,
    )
  }
  return {
    hubAddress,
    json: <Block>(heading: string) => blocks(heading, 'json').map((block) => JSON.parse(block) as Block),
    shell: (heading) => blocks(heading, 'sh'),
  }
}
