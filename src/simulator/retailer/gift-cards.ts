/** A gift card that is out in the world. Whoever holds the object is the only one who can use it, so its balance is always right. */
export interface GiftCard {
  /** Masked as a till prints it, and still unlike every other. */
  reference: string
  balanceMinor: bigint
}

/** Named by the receipt that sold it: no list of numbers is needed to keep two cards apart. */
export function issueGiftCard(origin: string, amountMinor: bigint): GiftCard {
  return { reference: `****${origin}`, balanceMinor: amountMinor }
}
