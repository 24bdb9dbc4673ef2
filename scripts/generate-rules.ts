import { problemCodes } from '../src/contract/problem.ts'
import { checks } from '../src/domain/checks/index.ts'
import type { GeneratedFile } from './generated-file.ts'

/** What every check asks and what to do about it, from the registry. */
export async function generateChecksReference(): Promise<GeneratedFile[]> {
  const parts = checks.map(
    ({ id, title, severity, tolerance, explanation, advice }) =>
      `## ${id}: ${title}\n\nSeverity: ${severity}. Tolerance: ${tolerance}.\n\n${explanation}\n\nWhat to do: ${advice}\n`,
  )
  const intro = 'What one receipt alone can tell. Findings travel with the receipt; they never stop it by themselves.'
  return [{ path: 'docs/reference/checks.md', content: `# Checks\n\n${intro}\n\n${parts.join('\n')}` }]
}

/** Every stable error code with its status and advice, from the list that the code uses. */
export async function generateProblemsReference(): Promise<GeneratedFile[]> {
  const parts = Object.entries(problemCodes).map(
    ([code, [status, title, advice]]) => `## \`${code}\` (${status})\n\n${title} ${quoteNames(advice)}\n`,
  )
  const intro = 'Stable codes: in RFC 9457 problem details over HTTP, on the command line, in quarantine.'
  return [{ path: 'docs/reference/problems.md', content: `# Problems\n\n${intro}\n\n${parts.join('\n')}` }]
}

/** Underscores around a name would be read as bold. */
function quoteNames(text: string): string {
  return text.replace(/__\w+__/g, (name) => `\`${name}\``)
}
