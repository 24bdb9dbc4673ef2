import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { requireService } from '../peers/require-service.ts'

const screenshotDirectory = join(import.meta.dirname, '../../data/screenshots')
/** Nothing on these pages takes longer, unless it never comes. */
const actionTimeoutMs = 20_000

export interface TestBrowser {
  /** A page of somebody who has been nowhere yet: no cookies, nothing cached. */
  newPage(): Promise<Page>
  close(): Promise<void>
}

/** A real browser. Undefined, with a line that nobody overlooks, where this machine has none. */
export async function startBrowser(): Promise<TestBrowser | undefined> {
  const address = await requireService('chromium')
  if (address === undefined) return undefined
  const browser: Browser = await chromium.launch({
    executablePath: address.program ?? 'chromium',
    // It refuses to run as root with its sandbox; all that it opens is ours and on loopback.
    chromiumSandbox: process.getuid?.() !== 0,
  })
  return {
    async newPage() {
      const context = await browser.newContext({ viewport: { width: 900, height: 700 }, locale: 'en-GB' })
      context.setDefaultTimeout(actionTimeoutMs)
      return context.newPage()
    },
    close: () => browser.close(),
  }
}

/** Keeps what a page looks like, for people to look at. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  await mkdir(screenshotDirectory, { recursive: true })
  await page.screenshot({ path: join(screenshotDirectory, `${name}.png`), fullPage: true })
}
