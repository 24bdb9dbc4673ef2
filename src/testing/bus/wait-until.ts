const lookEveryMs = 10

/** Resolves when something has come about; throws with its description when patience is at its end. */
export async function waitUntil(describe: () => string, isSo: () => boolean, patienceMs: number): Promise<void> {
  const deadline = Date.now() + patienceMs
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error(`waited ${patienceMs} ms in vain for ${describe()}`)
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs))
  }
}
