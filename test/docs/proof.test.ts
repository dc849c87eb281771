import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readPage, section } from './markdown.ts'

const page = readFileSync('docs/proof.md', 'utf8')
const results = Array.from(page.matchAll(/<!-- (\w+) -->\n([\s\S]*?)<!-- \/\1 -->/g), ([, name = '', text = '']) => ({ name, text }))

/** Every figure of a text as it stands there, but those of names and addresses: `1,999`, `0.92`. */
function figuresIn(text: string): string[] {
  return Array.from(text.replaceAll(/\]\([^)]*\)|`[^`]*`/g, '').matchAll(/(?<![\w.,])\d[\d,]*(\.\d+)?(?![\w])/g), ([figure]) => figure)
}

function digitsOf(figure: string): number {
  return figure.split('.')[1]?.length ?? 0
}

describe('docs/proof.md', () => {
  it('has a result of each proof, with its day, its machine and the versions', () => {
    expect(results.map(({ name }) => name)).toEqual(['bench', 'faults', 'month', 'soak', 'gauntlet', 'security'])
    for (const { name, text } of results)
      expect([name, text]).toEqual([name, expect.stringMatching(/^\*20\d\d-\d\d-\d\d, .+; Node [\d.]+, workerd \S+, miniflare \S+\.\*\n/)])
  })

  it('has a table in each, and no short form', () => {
    for (const { name, text } of results) expect([name, text]).toEqual([name, expect.stringMatching(/\n\|-/)])
    expect(page).not.toContain('Short form')
  })

  it('has every figure that the README tells as measured', () => {
    const measured = results.flatMap(({ text }) => figuresIn(text).map((figure) => Number(figure.replaceAll(',', ''))))
    const told = figuresIn(section(readPage('README.md'), 'What was measured'))
    const unfounded = told.filter((figure) => !measured.some((one) => one.toFixed(digitsOf(figure)) === figure.replaceAll(',', '')))
    expect(told.length).toBeGreaterThan(10)
    expect(unfounded).toEqual([])
  })
})
