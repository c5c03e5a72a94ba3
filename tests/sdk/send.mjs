// send.mjs SDK URL KEY N - sends N events, and other calls, with an SDK as its documentation says; ends when it has delivered.
import { Analytics } from '@segment/analytics-node'
import RudderAnalytics from '@rudderstack/rudder-sdk-node'

const [sdk, url, key, n] = process.argv.slice(2)
const pause = (ms) => new Promise((done) => setTimeout(done, ms))

async function withSegment() {
  const analytics = new Analytics({ writeKey: key, host: url, flushAt: 20, flushInterval: 100, maxRetries: 50 })
  analytics.on('error', (error) => console.error('error', error.code, error.reason ?? ''))
  await sendWith(analytics)
  await analytics.closeAndFlush()
}

async function withRudder() {
  const Client = RudderAnalytics.default ?? RudderAnalytics
  const analytics = new Client(key, { dataPlaneUrl: url, flushAt: 20, flushInterval: 100, gzip: true })
  await sendWith(analytics)
  await analytics.flush()
}

async function sendWith(analytics) {
  analytics.identify({ userId: 'u0', traits: { email: 'u0@example.com', visits: 3 } })
  analytics.page({ userId: 'u0', name: 'Home', properties: { url: 'https://shop.example/' } })
  analytics.screen({ userId: 'u0', name: 'Start' })
  analytics.group({ userId: 'u0', groupId: 'g1', traits: { plan: 'pro' } })
  analytics.alias({ userId: 'u0', previousId: 'before' })
  for (let i = 0; i < Number(n); i++) {
    analytics.track({ userId: `u${i % 10}`, event: 'Visit', properties: { n: i, name: '홍길동', items: [{ sku: 'a' }] } })
    if (i % 50 === 49) await pause(20)
  }
}

await (sdk === 'segment' ? withSegment() : withRudder())
