import { existsSync, statSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'
import { GUIDES } from '../../cli/guides/index.ts'
import { PROVIDERS } from '../../src/providers/index.ts'
import { anchors, pages, readPage, section, tableRows, targets } from './markdown.ts'

const all = pages()

/** Where every link leads that stays in this repository. */
const links = all.flatMap((page) =>
  targets(page)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [file = '', anchor] = target.split('#')
      return { from: page.path, target, file: file ? normalize(join(dirname(page.path), file)) : page.path, anchor }
    }),
)

describe('Every link of the pages', () => {
  it('leads to a file that is there', () => {
    const isThere = (file: string) => existsSync(file) && statSync(file).isFile()
    expect(links.filter(({ file }) => !isThere(file)).map(({ from, target }) => `${from}: ${target}`)).toEqual([])
    expect(links.length).toBeGreaterThan(150)
  })

  it('leads to a heading that is there', () => {
    const isThere = ({ file, anchor }: (typeof links)[number]) => !anchor || !existsSync(file) || anchors(readPage(file)).has(anchor)
    expect(links.filter((link) => !isThere(link)).map(({ from, target }) => `${from}: ${target}`)).toEqual([])
  })

  it('finds every page: none is left that nothing leads to', () => {
    const reached = new Set(links.filter(({ from, file }) => from !== file).map(({ file }) => file))
    expect(all.map(({ path }) => path).filter((path) => path !== 'README.md' && path !== 'CHANGELOG.md' && !reached.has(path))).toEqual([])
  })
})

describe('Every provider', () => {
  it.for(PROVIDERS.map(({ name, title }) => [title, name] as const))(
    '%s has its page with the sections that others link to',
    ([, name]) => {
      const page = readPage(`docs/${name}.md`)
      const headings = ['1. The key', '2. The success URL', '3. The visitor', '5. The sweep', 'What is recorded', 'When something is off']
      for (const heading of headings) expect(section(page, heading), heading).not.toBe('')
      expect(GUIDES[name].keyPage).not.toBe('')
    },
  )

  it('has its row in the tables of the README and of docs/sweep.md', () => {
    const readme = readPage('README.md')
    const tables = ['Do you need this?', 'Set up in 5 minutes', 'Webhooks', 'Settings'].map((heading) =>
      section(readme, heading.replace('?', '\\?')),
    )
    for (const table of [...tables, section(readPage('docs/sweep.md'), 'What each provider tells')]) {
      const rows = tableRows(table).map(([first = '']) => first)
      for (const { title } of PROVIDERS) expect(rows.filter((row) => row.includes(title))).not.toEqual([])
    }
  })
})
