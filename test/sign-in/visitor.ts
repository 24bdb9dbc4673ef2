import type { Page } from 'playwright-core'

/** What `GET /auth/me` says. */
export interface Me {
  name?: string
  email?: string
  roles: { role: string; region?: string }[]
  reach: Record<string, '*' | string[]>
}

/** Somebody before a browser, at the hub. */
export class Visitor {
  readonly page: Page
  readonly #hub: string

  constructor(page: Page, hub: string) {
    this.page = page
    this.#hub = hub
  }

  /** Opens the hub and follows its link; then the page is the provider's. */
  async goToProvider(): Promise<void> {
    await this.page.goto(`${this.#hub}/`)
    await this.page.getByRole('link', { name: 'Sign in' }).click()
  }

  /** The path at which the browser is when the hub has it back. */
  async comesBack(): Promise<string> {
    await this.page.waitForURL(({ origin, pathname }) => origin === this.#hub && !pathname.startsWith('/oauth/'))
    return new URL(this.page.url()).pathname
  }

  async text(): Promise<string> {
    return (await this.page.locator('main').textContent()) ?? ''
  }

  /** What a program in a page of the hub gets: the browser's cookies, and what only such a page may send. */
  async call<Body>(method: string, path: string, data?: object): Promise<{ status: number; body: Body }> {
    const headers = { origin: this.#hub, 'tillflow-request': '1' }
    const answer = await this.page.request.fetch(`${this.#hub}${path}`, { method, headers, ...(data && { data }) })
    return { status: answer.status(), body: (await answer.json()) as Body }
  }

  me(): Promise<{ status: number; body: Me }> {
    return this.call<Me>('GET', '/auth/me')
  }
}
