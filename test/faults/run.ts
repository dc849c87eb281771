/**
 * The fault matrix: everything that can go wrong on an order's way, at every step of it, at each of the three doors, on the
 * real bundle. Fails when a promise was not kept, and names the cells.
 */
import { publish, QUICK } from '../../bench/proof-page.ts'
import { cellsOf, runCells } from './cells.ts'
import { runKills } from './kills.ts'
import { failures, summary } from './report.ts'

/** How long orders may take to end well, by the product's own schedules: some wait for a third try, some for five minutes. */
const PATIENCE = QUICK ? { doors: 90_000, sweep: 90_000, kills: 90_000 } : { doors: 420_000, sweep: 480_000, kills: 180_000 }

const startedAt = Date.now()
const cells = cellsOf(QUICK)
const swept = runCells(
  cells.filter(({ door }) => door === 'sweep'),
  PATIENCE.sweep,
)
// Who starts and kills runtimes keeps this process from playing the rest of the world: not while buyers come.
const come = Promise.withResolvers<void>()
const others = runCells(
  cells.filter(({ door }) => door !== 'sweep'),
  PATIENCE.doors,
  come.resolve,
)
const killed = come.promise.then(() => runKills(PATIENCE.kills))
const ran = [await others, await swept, await killed]
const results = ran.flatMap((some) => some.results)

const seconds = Math.round((Date.now() - startedAt) / 1000)
const unexplained = ran.flatMap((some) => some.unexplained)
publish('faults', summary(results, await killed, seconds), [...failures(results), ...unexplained])
process.exit(process.exitCode ?? 0)
