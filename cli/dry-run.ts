/**
 * Looks an order up with your own keys, as the Worker would, and tells what it would send to DataFast, and why. Sends nothing
 * there: `npm run dry-run -- stripe cs_live_…`. Ends with 0 when the order would be recorded, with 1 when not, with 2 when it
 * cannot be tried as things are set.
 */
import { Advice, tell } from './advice.ts'
import { describe } from './dry-run/describe.ts'
import { readWish, reportFor } from './dry-run/wish.ts'
import { plainJson } from './plain-json.ts'

try {
  const wish = readWish(process.argv.slice(2))
  const report = await reportFor(wish, process.cwd(), process.env)
  process.stdout.write(wish.json ? plainJson(report) : describe(report))
  process.exitCode = report.exitCode
} catch (error) {
  if (!(error instanceof Advice)) throw error
  tell(error.message)
  process.exitCode = 2
}
