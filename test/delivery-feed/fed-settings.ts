/** Settings of a hub whose one target, a webhook at this address, gets its events over the bus. */
export function fedSettings(targetUrl: string): Record<string, string> {
  return {
    TILLFLOW_DELIVERY_FEED: 'bus',
    // Longer than a test: what arrives has come over the bus, or by what the bus itself showed to be missing.
    TILLFLOW_DELIVERY_SWEEP_MS: '3600000',
    TILLFLOW_TARGETS: JSON.stringify([
      {
        name: 'shop',
        connector: 'webhook',
        allowPrivateNetwork: true,
        settings: { url: `${targetUrl}/`, secret: `whsec_${Buffer.alloc(32, 7).toString('base64')}` },
      },
    ]),
  }
}
