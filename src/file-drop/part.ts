/** A piece of a file that is a document by itself: `head` (Latin-1, as `tail`), the bytes from `from` up to `to`, and `tail`. */
export interface Part {
  from: number
  to: number
  head: string
  tail: string
  /** How many transactions or lines it has; undefined where only the hub can tell. */
  slices: number | undefined
  /** For lines: the number of each in the file. */
  lineNumbers?: readonly number[]
  /** A line that is longer than any hub takes: not sent, and counted as refused. */
  isOversized?: boolean
  /** Lines of the file up to its end. */
  lines: number
}

export interface StartAt {
  offset: number
  lines: number
}

export interface PartLimits {
  /** A part ends with the slice that makes it this long, */
  bytesMin: number
  /** or with this many slices. */
  slicesMax: number
  /** The longest line. */
  lineBytesMax: number
}

/** What is lost by a kill is one part, which is sent again and answered as seen before. */
export const partLimits: PartLimits = { bytesMin: 1_048_576, slicesMax: 500, lineBytesMax: 8_388_608 }
