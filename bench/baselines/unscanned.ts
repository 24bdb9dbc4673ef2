/** What stands in the place of the scanner where intake is measured without it. */
export function maskCardNumbers(text: string): { text: string; maskedCount: number } {
  return { text, maskedCount: 0 }
}

export function refuseSensitiveAuthenticationData(): void {}
