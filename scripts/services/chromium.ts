import { ensurePackages, findMissing, readVersions } from './apt.ts'
import type { Service } from './service.ts'

/** With the fonts that its pages are drawn in: without any, text is empty boxes. */
const packages = ['chromium', 'fonts-dejavu-core']

/** Chromium from Debian. It is there when it is installed: each test starts and ends a browser of its own. */
export const chromium: Service = {
  name: 'chromium',
  title: 'Chromium, a browser',
  needs: [],
  async install() {
    await ensurePackages(packages)
  },
  async up() {
    await chromium.install()
  },
  async down() {},
  async status() {
    if ((await findMissing(packages)).length > 0) return { state: 'not-installed' }
    const [, version = ''] = (await readVersions(['chromium'])).trim().split(' ')
    return { state: 'up', address: { program: '/usr/bin/chromium', version } }
  },
}
