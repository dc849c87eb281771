/**
 * Looks an order up with your own keys, as the Worker would, and tells what it would send to DataFast, and why. Sends nothing
 * there: `npm run dry-run -- stripe cs_live_…`. Ends with 0 when the order would be recorded, with 1 when not, with 2 when it
 * cannot be tried as things are set.
 */
import { describe } from './dry-run/describe.ts'
import { Advice, readWish, reportFor } from './dry-run/wish.ts'
import { plainJson } from './plain-json.ts'
import { visible } from './terminal.ts'

try {
  const wish = readWish(process.argv.slice(2))
  const report = await reportFor(wish, process.cwd(), process.env)
  process.stdout.write(wish.json ? plainJson(report) : describe(report))
  process.exitCode = report.exitCode
} catch (error) {
  if (!(error instanceof Advice)) throw error
  process.stderr.write(`${error.message.split('\n').map(visible).join('\n').trimEnd()}\n`)
  process.exitCode = 2
}
