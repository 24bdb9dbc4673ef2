import { catalogue, exposedName, type Instrument } from './catalogue.ts'

/** The reference of all metrics in Markdown. */
export function metricsReference(): string {
  const rows = Object.values<Instrument>(catalogue).map((one) => [
    `\`${exposedName(one)}\``,
    one.kind,
    one.unit,
    one.labels.map((label) => `\`${label}\``).join(', '),
    one.kind === 'histogram' ? `${one.help} Buckets: ${one.buckets.join(', ')}.` : one.help,
  ])
  const header = ['Metric', 'Type', 'Unit', 'Labels', 'What it says']
  return `${[
    '# Metrics',
    '<!-- Written by `npm run generate` from src/observability/catalogue.ts. -->',
    '`GET /metrics` answers in the text format of Prometheus, without a token: keep it inside your network. Histograms have the' +
      ' usual `_bucket`, `_sum` and `_count` series. The same metrics go to a collector by OTLP where one is named. Stores' +
      ' and tills are labels only where a setting caps them; look them up with `tillflow status`.',
    [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n'),
  ].join('\n\n')}\n`
}
