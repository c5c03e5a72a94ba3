// setup.mjs LINK NAME PASSWORD - somebody in headless Chromium follows the link by which people come, and chooses a password.
// Prints what the page says before and after, who is logged in then, and what cookies scripts can see, as one line of JSON.
import { chromium } from 'playwright-core'

const [link, name, password] = process.argv.slice(2)
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox'] })
const context = await browser.newContext({ locale: 'en-US' })
const page = await context.newPage()
const said = async (words) => {
  await page.waitForFunction((words) => document.querySelector('#said').textContent.match(words), words, { timeout: 60000 })
  return page.textContent('#said')
}
await page.goto(link)
const before = await said('.')
const result = { before }
if (await page.isVisible('form')) {
  if (await page.isVisible('[name=name]')) await page.fill('[name=name]', name)
  await page.fill('[name=password]', password)
  await page.fill('[name=again]', password + '!')
  await page.click('button')
  result.differ = await said('differ')
  await page.fill('[name=again]', password)
  await page.click('button')
  result.after = await said('logged in')
  result.me = await page.evaluate(async () => (await fetch('/api/me')).json())
  result.visible = await page.evaluate(() => document.cookie)
  result.cookies = (await context.cookies()).map(({ name, httpOnly, sameSite }) => ({ name, httpOnly, sameSite }))
  result.hash = new URL(page.url()).hash
}
console.log(JSON.stringify(result))
await browser.close()
