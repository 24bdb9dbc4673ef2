/** A till's document stays far below these; what goes beyond is an attack or a defect (`xml-too-complex`). */
export const depthMax = 64
export const attributesPerElementMax = 64
export const nameCharactersMax = 256
/** One text, attribute value, comment or CDATA section. */
export const tokenCharactersMax = 1_000_000
export const elementsPerTransactionMax = 400_000
export const transactionBytesMax = 32 * 1024 * 1024
/** What is given to the parser at once: large enough for speed, small enough for a bounded memory. */
export const pieceBytes = 64 * 1024
/** Unknown vendor words that are listed for one transaction. */
export const unknownValuesMax = 100
