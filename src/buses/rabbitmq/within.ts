/** What the promise brings, or what `onTimeout` brings or throws when it takes longer. */
export async function within<Result>(
  timeoutMs: number,
  promise: Promise<Result>,
  onTimeout: () => Result,
): Promise<Result> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, 'late')
  })
  const first = await Promise.race([promise.then((result) => ({ result })), late])
  clearTimeout(timer)
  return first === 'late' ? onTimeout() : first.result
}
