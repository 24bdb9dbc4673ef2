type Pact = Pick<typeof import('@pact-foundation/pact-core'), 'makeConsumerAsyncMessagePact' | 'Verifier'>

/** Pact's core, a native library; undefined, with a loud line, where it is not made for this machine. */
export async function loadPact(): Promise<Pact | undefined> {
  // It reports every verification to its makers otherwise.
  process.env.PACT_DO_NOT_TRACK = 'true'
  try {
    const pact = await import('@pact-foundation/pact-core')
    pact.getFfiLib('error')
    return pact
  } catch (error) {
    if (process.env.REQUIRE_SERVICES === '1') throw error
    console.warn('SKIPPED: the native core of Pact is not here, so no pact was written or verified.')
    return undefined
  }
}
