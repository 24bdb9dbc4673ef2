/** Markup that is safe to send. Only `html` makes it. */
export class Html {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/**
 * Markup with values in it. A value is text, which is escaped, other markup, or nothing; it stands between tags or in an attribute with
 * quotation marks. Nothing else escapes, and nothing puts a value in without this.
 *
 * @example html`<p title="${title}">${name}</p>`
 */
export function html(
  parts: TemplateStringsArray,
  ...values: (string | number | Html | readonly Html[] | undefined)[]
): Html {
  return new Html(parts.reduce((text, part, index) => `${text}${textOf(values[index - 1])}${part}`))
}

function textOf(value: string | number | Html | readonly Html[] | undefined): string {
  if (value === undefined) return ''
  if (value instanceof Html) return value.text
  if (Array.isArray(value)) return value.map(({ text }: Html) => text).join('\n')
  return String(value).replace(/[&<>"']/g, (character) => escapes[character] ?? '')
}
