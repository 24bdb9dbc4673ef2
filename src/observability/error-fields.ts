/** What a log says of an error. */
export interface ErrorFields {
  type: string
  message: string
  code?: string
  stack?: string
  /** PostgreSQL: what was violated, by name. */
  table?: string
  constraint?: string
  cause?: ErrorFields
  errors?: ErrorFields[]
}

const depthMax = 5
const errorsMax = 10

/**
 * The parts of an error that may be logged: a list of what is allowed. PostgreSQL puts whole rows into `detail` ("Failing row
 * contains ...") and drivers put parameters, requests and addresses with passwords into fields of their own.
 */
export function errorFields(error: unknown, depth = 1): ErrorFields {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) }
  const { code, table, constraint } = error as { code?: unknown; table?: unknown; constraint?: unknown }
  const inner = depth < depthMax
  return {
    type: error.name,
    message: error.message,
    ...(isName(code) && { code: String(code) }),
    ...(error.stack !== undefined && { stack: error.stack }),
    ...(isName(table) && { table: String(table) }),
    ...(isName(constraint) && { constraint: String(constraint) }),
    ...(inner && error.cause !== undefined && { cause: errorFields(error.cause, depth + 1) }),
    ...(inner &&
      error instanceof AggregateError && {
        errors: error.errors.slice(0, errorsMax).map((one: unknown) => errorFields(one, depth + 1)),
      }),
  }
}

function isName(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number'
}
