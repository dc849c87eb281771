import { afterAll, beforeAll, describe, expect, it } from 'vitest'
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
})
