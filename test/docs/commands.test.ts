import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ProbeReport } from '../../cli/probe/probe.ts'
import { commandsInPages, shapeOf } from './commands-in-pages.ts'
import { openPlace, type Place } from './place.ts'
import { PROOFS } from './proofs.ts'

const commands = Map.groupBy(commandsInPages(), ({ line }) => shapeOf(line))

describe('Every command of the pages', () => {
  it('has a proof', () => {
    const unproved = Array.from(commands).filter(([shape]) => !(shape in PROOFS))
    expect(unproved.map(([shape, all]) => `${shape} (${all.flatMap(({ pages }) => pages).join(', ')})`)).toEqual([])
    expect(commands.size).toBeGreaterThan(20)
  })

  it('is told by a page, where there is a proof', () => {
    expect(Object.keys(PROOFS).filter((shape) => !commands.has(shape))).toEqual([])
  })
})

describe('Typed by a reader', () => {
  let place: Place
  beforeAll(async () => {
    place = await openPlace()
  })
  afterAll(() => place.close())

  it.for(Object.entries(PROOFS))('%s', async ([shape, prove]) => {
    const lines = commands.get(shape)?.map(({ line }) => line) ?? []
    await prove(place, lines)
  })

  it('a probe’s commands delete what it could not, with the key in .dev.vars, and show none', async () => {
    const { dataFast } = place.world
    const key = 'df_throwaway_of_the_file'
    dataFast.keys.add(key)
    place.fillIn({ PROBE_DATAFAST_API_KEY: key })
    const before = [...dataFast.ledger.keys()]
    dataFast.habits.deletion = 'refused'
    const probe = 'node cli/probe.ts --yes --json --even-with-revenue 2>/dev/null'
    const { output } = await place.run(probe, { environment: { PROBE_GAP_MS: '1' } })
    dataFast.habits.deletion = 'done'
    const { left } = JSON.parse(output) as ProbeReport
    const commands = left.map(({ command }) => command)
    expect(dataFast.ledger.size - before.length).toBeGreaterThan(5)
    const ended = await place.run(commands.join('\n'))
    expect([...dataFast.ledger.keys()]).toEqual(before)
    expect(`${commands.join()}${ended.output}`).not.toContain(key)
  })
})
