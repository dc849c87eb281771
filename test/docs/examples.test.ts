import { readFileSync } from 'node:fs'
import { parse } from 'smol-toml'
import { describe, expect, it } from 'vitest'
import type { Env } from '../../src/env.ts'
import { settingsFor } from '../../src/settings.ts'
import { inlineCode, pages, readPage, section } from './markdown.ts'
import { settingsOf } from './settings.ts'
import { sourcesIn } from './source.ts'

const { variables } = settingsOf(sourcesIn('src'))

/** What wrangler.toml has commented out. */
const shipped = Array.from(readFileSync('wrangler.toml', 'utf8').matchAll(/^# ([A-Z_]+) = .+$/gm), ([line, setting = '']) => {
  return { path: 'wrangler.toml', line: line.slice(2), setting }
})

/** Every variable that a page shows with a value, as it would stand in wrangler.toml. */
const shown = pages().flatMap(({ path, prose, blocks }) => {
  const code = [...inlineCode(prose), ...blocks.filter(({ language }) => language === 'toml').flatMap(({ text }) => text.split('\n'))]
  const lines = code.filter((line) => variables.has(/^([A-Z_]+) = /.exec(line)?.[1] ?? ''))
  return lines.map((line) => ({ path, line, setting: line.split(' ')[0] ?? '' }))
})

const examples = [...shipped, ...shown]

/** The settings that a line makes. An example has gaps where its reader has something of their own. */
function settingsOfExample(line: string) {
  return settingsFor(parse(line.replaceAll('…', 'abc123')) as unknown as Env)
}

/** What the Worker has to say against a setting. */
function complaints(line: string, setting: string): string[] {
  return settingsOfExample(line).problems.flatMap(({ text }) =>
    text.startsWith(setting) && !text.includes('not switched on') ? [text] : [],
  )
}

describe('Every value that the pages and wrangler.toml show for a variable', () => {
  it('is one that the Worker takes', () => {
    const wrong = examples.map(({ path, line, setting }) => [path, ...complaints(line, setting)]).filter((found) => found.length > 1)
    expect(wrong).toEqual([])
    expect(examples.length).toBeGreaterThan(40)
  })

  it('would be complained of otherwise: that is how the test above can fail', () => {
    expect(complaints('REVENUE = "all"', 'REVENUE')).not.toEqual([])
    expect(complaints('LINKS = { pro = "https://l.creem.io/abc" }', 'LINKS')).not.toEqual([])
    expect(complaints('LINKS = { pro = { provider = "nobody", url = "https://example.com" } }', 'LINKS')).not.toEqual([])
  })

  it('is told of, when a link is taken over with its gap', () => {
    const gaps = examples.filter(({ line, setting }) => setting === 'LINKS' && line.includes('…'))
    const told = gaps.map(({ line }) =>
      settingsFor(parse(line) as unknown as Env).problems.some(({ text }) => text.includes('still holds a gap')),
    )
    expect(new Set(told)).toEqual(new Set([true]))
  })

  it('is, of LINKS, a link that some provider is recognised by', () => {
    const links = examples.filter(({ setting }) => setting === 'LINKS')
    expect(new Set(links.flatMap(({ line }) => [...settingsOfExample(line).links.values()].map(({ provider }) => provider?.name)))).toEqual(
      new Set(['stripe', 'dodo', 'creem', 'polar', 'lemonsqueezy', 'paddle', 'gumroad']),
    )
  })
})

describe('The Buy button of the README', () => {
  it('leads to a link that the line above it names', () => {
    const { blocks } = readPage('README.md')
    const [, name = ''] = /href="https:\/\/pay\.example\.com\/checkout\/go\/(\w+)"/.exec(blocks.map(({ text }) => text).join()) ?? []
    const line = blocks.find(({ language }) => language === 'toml')?.text ?? ''
    expect([...settingsOfExample(line).links.keys()]).toContain(name)
    expect(section(readPage('README.md'), 'The Buy button')).not.toBe('')
  })
})
