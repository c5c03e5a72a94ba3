// browse.mjs SDK URL KEY N - a page in headless Chromium sends N events, and other calls, with an SDK as its documentation
// says, and stays open, sending what is left, until standard input ends.
import { createReadStream } from 'node:fs'
import { createServer } from 'node:http'
import { chromium } from 'playwright-core'

const [sdk, url, key, n] = process.argv.slice(2)
const modules = new URL('node_modules/', import.meta.url)
const files = {
  '/segment.js': '@segment/analytics-next/dist/umd/index.js',
  '/rudder.js': '@rudderstack/analytics-js/dist/npm/modern/bundled/umd/index.js',
}

// How each is told where to send to.
const loads = {
  segment: `AnalyticsNext.AnalyticsBrowser.load({ writeKey: key, cdnURL: url })`,
  'segment-batching': `AnalyticsNext.AnalyticsBrowser.load({ writeKey: key, cdnURL: url },
    { integrations: { 'Segment.io': { deliveryStrategy: { strategy: 'batching', config: { size: 20, timeout: 200 } } } } })`,
  rudder: `(() => {
    const analytics = new rudderanalytics.RudderAnalytics()
    analytics.load(key, url, { configUrl: url, queueOptions: { minRetryDelay: 200, maxRetryDelay: 2000, maxAttempts: 50 } })
    return analytics
  })()`,
  'rudder-beacon': `(() => {
    const analytics = new rudderanalytics.RudderAnalytics()
    analytics.load(key, url, { configUrl: url, useBeacon: true, beaconQueueOptions: { maxItems: 10, flushQueueInterval: 200 } })
    return analytics
  })()`,
}

const page = `<!doctype html><title>Shop</title><script src="/${sdk.split('-')[0]}.js"></script><script>
async function send(url, key, n) {
  const analytics = ${loads[sdk]}
  analytics.page('Home')
  analytics.track('Before', { n: 1 })
  analytics.identify('u0', { email: 'u0@example.com', visits: 3 })
  analytics.group('g1', { plan: 'pro' })
  for (let i = 0; i < n; i++) {
    analytics.track('Product Viewed', { n: i, name: '홍길동', items: [{ sku: 'a' }] })
    if (i % 10 === 9) await new Promise((done) => setTimeout(done, 100))
  }
}
</script>`

const site = createServer((request, response) => {
  const file = files[request.url]
  if (file) {
    response.setHeader('Content-Type', 'text/javascript')
    createReadStream(new URL(file, modules)).pipe(response)
  } else {
    response.setHeader('Content-Type', 'text/html; charset=utf-8')
    response.end(page)
  }
})
await new Promise((done) => site.listen(0, '127.0.0.1', done))

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] })
const tab = await browser.newPage()
tab.on('pageerror', (error) => console.error('page:', error.message))
if (process.env.TRACE) {
  tab.on('console', (m) => console.error('console:', m.text()))
  tab.on('request', (r) => console.error(r.method(), r.url(), r.postData()?.slice(0, 3000)))
}
await tab.goto(`http://127.0.0.1:${site.address().port}/?utm_source=news&utm_medium=email&q=shoes`)
await tab.evaluate(([url, key, n]) => send(url, key, n), [url, key, Number(n)])
console.log('sent')
process.stdin.resume()
await new Promise((done) => process.stdin.on('end', done))
await browser.close()
site.close()
