import { isProblem, type Problem } from '../contract/problem.ts'
import { exitCodes } from './exit-codes.ts'

/** Runs a command's work: what fails is told as what, why and what next, on standard error, with an exit code that says the kind. */
export function act<Args extends unknown[]>(
  work: (...args: Args) => Promise<number | undefined>,
): (...args: Args) => Promise<void> {
  return async (...args) => {
    try {
      process.exitCode = (await work(...args)) ?? exitCodes.ok
    } catch (error) {
      process.exitCode = tellError(
        error,
        args.some((arg) => isObject(arg) && arg.json === true),
      )
    }
  }
}

function tellError(error: unknown, json: boolean): number {
  if (isProblem(error)) {
    process.stderr.write(json ? `${JSON.stringify(problemObject(error))}\n` : problemText(error))
    return exitCodeOf(error)
  }
  const message = error instanceof Error ? error.message : String(error)
  const stack = process.env.DEBUG && error instanceof Error ? `\n${error.stack}` : ''
  process.stderr.write(
    json ? `${JSON.stringify({ code: 'internal-error', detail: message })}\n` : `error: ${message}${stack}\n`,
  )
  return exitCodes.failure
}

function problemText({ title, message, advice, code }: Problem): string {
  const why = message === title ? '' : `\n  why:  ${message}`
  return `error: ${title} (${code})${why}\n  next: ${advice}\n`
}

function problemObject({ code, title, status, message, advice }: Problem): object {
  return { code, title, status, detail: message, advice }
}

function exitCodeOf({ code, status }: Problem): number {
  if (code === 'settings-invalid') return exitCodes.usage
  if (status === 404) return exitCodes.notFound
  if (status === 401 || status === 403) return exitCodes.unauthorized
  return status === 409 ? exitCodes.conflict : exitCodes.failure
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object'
}
