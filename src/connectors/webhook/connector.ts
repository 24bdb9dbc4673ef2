import type { Connector } from '../../contract/connector.ts'
import { Problem } from '../../contract/problem.ts'
import { checkTargetUrl } from '../../egress/target-url.ts'
import { sendWebhook, type WebhookTarget } from './client.ts'
import { createSigner } from './signature.ts'
import { toCloudEvent, toErasureCloudEvent } from './translate.ts'

/** Any receiver of Standard Webhooks 1.0; the body is a CloudEvents 1.0 event with the transaction as its data. */
export const webhook: Connector = {
  name: 'webhook',
  title: 'Webhook (Standard Webhooks, CloudEvents)',
  settings: [
    { name: 'url', kind: 'url', title: 'Address that receives the events', required: true },
    {
      name: 'signature',
      kind: 'choice',
      title: 'How events are signed: a shared secret (v1) or a key pair (v1a)',
      required: false,
      choices: ['hmac', 'ed25519'],
      default: 'hmac',
    },
    {
      name: 'secret',
      kind: 'secret',
      title: 'Secret: whsec_ for hmac, whsk_ for ed25519, then base64',
      required: true,
    },
    {
      name: 'previousSecret',
      kind: 'secret',
      title: 'Secret that is being replaced: events carry both signatures',
      required: false,
    },
    { name: 'source', kind: 'string', title: 'CloudEvents source', required: false, default: '/tillflow' },
    {
      name: 'timeoutMs',
      kind: 'integer',
      title: 'Time for one answer, where shorter than the attempt timeout',
      required: false,
      minimum: 100,
      maximum: 60_000,
      unit: 'ms',
    },
  ],
  connect(settings, { allowPrivateNetwork }) {
    const { url, signature = 'hmac', secret, previousSecret, source = '/tillflow', timeoutMs } = settings
    const prefix = signature === 'ed25519' ? 'whsk_' : 'whsec_'
    if (!String(secret).startsWith(prefix)) {
      throw new Problem('settings-invalid', `secret must begin with ${prefix} for the signature ${signature}.`)
    }
    const signers = [createSigner(String(secret), 'secret')]
    if (previousSecret) signers.push(createSigner(String(previousSecret), 'previousSecret'))
    const target: WebhookTarget = {
      url: checkTargetUrl(String(url), { allowPrivateNetwork }).href,
      source: String(source),
      signers,
      ...(timeoutMs !== undefined && { timeoutMs: Number(timeoutMs) }),
    }
    return {
      features: { idempotent: true, lookUp: false, repeatable: true },
      postTransaction: (event, context) => sendWebhook(target, toCloudEvent(event, target.source), context),
      eraseCustomer: (event, context) => sendWebhook(target, toErasureCloudEvent(event, target.source), context),
      preview: (event) => toCloudEvent(event, target.source),
    }
  },
}
