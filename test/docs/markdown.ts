import { existsSync, readdirSync, readFileSync } from 'node:fs'

/** A page as its readers see it. `path`: from the root of the repository. */
export type Page = {
  path: string
  /** Everything outside of fenced blocks. */
  prose: string
  /** The fenced blocks, by their language. */
  blocks: { language: string; text: string }[]
}

/** What a newcomer reads: the pages at the root and those in docs. */
export function pages(): Page[] {
  const atRoot = ['README.md', 'AGENTS.md', 'CHANGELOG.md', 'SECURITY.md'].filter((path) => existsSync(path))
  const inDocs = readdirSync('docs').filter((name) => name.endsWith('.md'))
  return [...atRoot, ...inDocs.map((name) => `docs/${name}`)].map(readPage)
}

const FENCE = /^( *)```(\w*)\n([\s\S]*?)^\1```$/gm

export function readPage(path: string): Page {
  const text = readFileSync(path, 'utf8')
  const blocks = Array.from(text.matchAll(FENCE), ([, indent = '', language = '', inner = '']) => {
    return { language, text: inner.replaceAll(new RegExp(`^${indent}`, 'gm'), '') }
  })
  return { path, prose: text.replaceAll(FENCE, ''), blocks }
}

/** The texts in backticks. */
export function inlineCode(prose: string): string[] {
  return Array.from(prose.matchAll(/`([^`\n]+)`/g), ([, code = '']) => code)
}

/** The part of a page under a heading, down to the next one of its level. */
export function section({ prose }: Page, heading: string): string {
  const [, level = ''] = new RegExp(`^(#+) ${heading}$`, 'm').exec(prose) ?? []
  const [, after = ''] = prose.split(new RegExp(`^${level} ${heading}$`, 'm'))
  return after.split(new RegExp(`^#{1,${level.length}} `, 'm'))[0] ?? ''
}

/** The rows of all tables, each as its cells, without their heads. */
export function tableRows(prose: string): string[][] {
  const lines = prose.split('\n').map((line) => line.trim())
  const isRow = (line: string | undefined) => !!line?.startsWith('|')
  const rows = lines.filter((line, place) => isRow(line) && !/^[|\s:-]+$/.test(line) && !/^[|\s:-]+$/.test(lines[place + 1] ?? ''))
  return rows.map((row) =>
    row
      .replace(/^\|/, '')
      .replace(/\|$/, '')
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim()),
  )
}

/** The anchors of a page, as GitHub makes them of its headings: lower case, without signs, a dash for each blank. */
export function anchors({ prose }: Page): Set<string> {
  const names = new Set<string>()
  for (const [, heading = ''] of prose.matchAll(/^#+ (.+)$/gm)) {
    const text = heading.replaceAll(/\[([^\]]+)\]\([^)]*\)/g, '$1').replaceAll('`', '')
    const name = text
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-')
    const taken = Array.from(names).filter((other) => other === name || new RegExp(`^${name}-\\d+$`).test(other)).length
    names.add(taken ? `${name}-${taken}` : name)
  }
  return names
}

/** Where a page leads to, whatever is shown there: links and pictures. */
export function targets({ prose }: Page): string[] {
  const links = Array.from(prose.matchAll(/\]\(([^)\s]+)\)/g), ([, target = '']) => target)
  const attributes = Array.from(prose.replaceAll(/`[^`\n]*`/g, '').matchAll(/ (?:src|srcset|href)="([^"]+)"/g), ([, target = '']) => target)
  return [...links, ...attributes]
}
