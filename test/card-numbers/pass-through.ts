/** What stands in the place of the scanner in the control: it lets everything through. */
export async function* maskCardNumbersInStream(
  input: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield* input
}
