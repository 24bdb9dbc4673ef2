import type { Problem } from '../../../contract/problem.ts'
import type { DeviceRequest } from '../../../identity/device-requests.ts'
import { type Html, html } from '../../pages/html.ts'
import { formTokenField } from './browser-sessions.ts'

/** Of whoever looks. */
export interface DevicePage {
  /** Absent: they came by something else than a session. */
  formToken?: string
  /** Those that they look after; absent: every store. */
  stores?: readonly string[]
}

/** So many are still a list to choose from. */
const listedMax = 500

/** Where the code is typed. */
export function askPage({ formToken }: DevicePage, code?: string, problem?: Problem) {
  const body = html`<p>A till that wants to come in shows a code. Type it as it stands on that till.</p>
<form method="post">
${tokenField(formToken)}
<label for="code">Code</label>
<p class="hint" id="code-hint">Eight letters, such as BCDF-GHJK.</p>
<input id="code" name="code" value="${code}" autocomplete="off" autocapitalize="characters" spellcheck="false" required maxlength="32" autofocus aria-describedby="code-hint${problem ? ' problem' : ''}" ${problem && html`aria-invalid="true"`}>
<button>Look</button>
</form>`
  return { title: 'A till wants to come in', body, ...(problem && { problem: wordsOf(problem, 'code') }) }
}

/** What asks, and where somebody says which till it is. What it calls itself is told as what it is: anybody may say anything. */
export function lookPage(
  { formToken, stores }: DevicePage,
  { asks, userCode, problem }: { asks: DeviceRequest; userCode: string; problem?: Problem },
) {
  const { deviceName, address, keyThumbprint, askedAt, endsAt } = asks
  const body = html`<p>Compare this with what stands before you. Whoever sent you a code may want you to let in what is theirs.</p>
<dl>
<dt>Calls itself</dt><dd>${deviceName ?? 'nothing'}</dd>
<dt>Address</dt><dd>${address}</dd>
<dt>Key</dt><dd><code>${keyThumbprint}</code></dd>
<dt>Asked at</dt><dd>${timeOf(askedAt)}</dd>
<dt>Code ends at</dt><dd>${timeOf(endsAt)}</dd>
</dl>
<form method="post">
${tokenField(formToken)}
<input type="hidden" name="code" value="${normal(userCode)}">
${storeField(stores)}
<label for="till">Till</label>
<p class="hint" id="till-hint">As its receipts name it. A till that is enrolled in this place is put out.</p>
<input id="till" name="till" autocomplete="off" spellcheck="false" maxlength="64" aria-describedby="till-hint">
<button name="answer" value="approve">Let it in</button>
<button name="answer" value="refuse" class="other">Send it away</button>
</form>`
  return { title: 'Which till is this?', body, ...(problem && { problem: wordsOf(problem, 'store') }) }
}

function storeField(stores: readonly string[] | undefined): Html {
  if (stores && stores.length <= listedMax) {
    return html`<label for="store">Store</label>
<select id="store" name="store">
${stores.map((store) => html`<option>${store}</option>`)}
</select>`
  }
  return html`<label for="store">Store</label>
<p class="hint" id="store-hint">As its receipts name it.</p>
<input id="store" name="store" autocomplete="off" spellcheck="false" maxlength="64" aria-describedby="store-hint">`
}

function tokenField(formToken: string | undefined): Html | undefined {
  return formToken === undefined ? undefined : html`<input type="hidden" name="${formTokenField}" value="${formToken}">`
}

/** Of a code that was found: letters alone. */
function normal(userCode: string): string {
  return userCode.toUpperCase().replace(/[^A-Z]/g, '')
}

function timeOf(at: Date): Html {
  const text = at.toISOString()
  return html`<time datetime="${text}">${text.slice(0, 19).replace('T', ' ')} UTC</time>`
}

function wordsOf({ message, advice }: Problem, field: string) {
  return { text: `${message} ${advice}`, field }
}
