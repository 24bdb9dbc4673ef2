import { faultNames, faults } from './fault-list.ts'

/** The page of the reference that lists what goes wrong at simulated tills, and how often. */
export function faultsReference(): string {
  const rows = faultNames.map((name) => {
    const { of, light, heavy, description } = faults[name]
    return `| \`${name}\` | ${of} | ${light} | ${heavy} | ${description} |`
  })
  return `# Faults of simulated tills

What \`tillflow simulate --faults\` can plant, how often at its two levels, and of what the rate is a share. Sales are those for the
books; openings and closings are never lost or broken, so that a day itself stays readable.

| fault | rate of | light | heavy | what goes wrong |
| --- | --- | --- | --- | --- |
${rows.join('\n')}
`
}
