import type { SetUp } from './provider.ts'

/**
 * The provider that the hub has inside. People are added by the commands of the how-to, and choose a password in the browser with the
 * code that these print.
 */
export const setUpEmbedded: SetUp = async ({ people, howTo }) => ({
  settings: { signIn: 'embedded' },
  shows: ({ name }) => ({ name }),
  refusesStrangers: true,
  async prepare(hub, page) {
    const commands = howTo.shell('Without a provider').flatMap((block) => block.trim().split('\n'))
    for (const command of commands) {
      const [, ...args] = command.split(' ')
      const { name, code } = await hub.printed<{ name: string; code?: string }>(args)
      const person = people.find((one) => one.name === name)
      if (code === undefined || person === undefined) continue
      await page.goto(`${hub.address}/oauth/choose-password`)
      await page.getByLabel('Name').fill(name)
      await page.getByLabel('Code').fill(code)
      await page.getByLabel('New password', { exact: true }).fill(person.password)
      await page.getByLabel('New password again').fill(person.password)
      await page.getByRole('button', { name: 'Set password' }).click()
      await page.getByText('Your password is set').first().waitFor()
    }
  },
  async signIn(page, person) {
    await page.getByLabel('Name').fill(person.name)
    await page.getByLabel('Password').fill(person.password)
    await page.getByRole('button', { name: 'Sign in' }).click()
  },
  seesRefusal: (page) => page.getByRole('alert').waitFor(),
  remove: async () => {},
})
