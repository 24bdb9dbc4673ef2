/** What a script can tell from the exit code. */
export const exitCodes = {
  ok: 0,
  failure: 1,
  usage: 2,
  notFound: 3,
  unauthorized: 4,
  conflict: 5,
  partial: 6,
  interrupted: 130,
} as const
