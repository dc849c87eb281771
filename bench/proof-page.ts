/** What was measured, as it is told in the terminal and kept on docs/proof.md: one section for each kind of proof. */
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import miniflare from 'miniflare/package.json' with { type: 'json' }
import workerd from 'workerd/package.json' with { type: 'json' }

const PAGE = join(import.meta.dirname, '../docs/proof.md')

/** The sections of the page, each written by a command of its own. */
export type Section = 'bench' | 'faults' | 'month' | 'soak' | 'gauntlet' | 'security'

/** Whether a program was asked for its short form, as the gate does. Figures of a short form are not published. */
export const QUICK = process.argv.includes('--quick') || process.env.PROOF_FORM === 'quick'
const WRITE = process.argv.includes('--write') || process.env.PROOF_PAGE === 'write'

/** A table in Markdown whose columns line up, so that it reads well in a terminal too. The first column is text, the others are figures. */
export function table(columns: string[], rows: string[][]): string {
  const widths = columns.map((column, place) => Math.max(...[column, ...rows.map((row) => row[place] ?? '')].map(widthOf), 3))
  const line = (cells: string[]) => `| ${widths.map((width, place) => padded(cells[place] ?? '', width)).join(' | ')} |`
  const rule = `|${widths.map((width, place) => (place ? `${'-'.repeat(width + 1)}:` : '-'.repeat(width + 2))).join('|')}|`
  return [line(columns), rule, ...rows.map(line)].join('\n')
}

function widthOf(text: string): number {
  return [...text].length
}

function padded(text: string, width: number): string {
  return text + ' '.repeat(width - widthOf(text))
}

/**
 * Prints a result, and with `--write` puts it into its section of docs/proof.md, with the day, the machine and the versions.
 * @param text - Markdown without headings: sentences and tables
 * @param failures - what does not hold, in words: with any of them the program ends badly, and nothing is published
 */
export function publish(section: Section, text: string, failures: readonly string[] = []): void {
  const whole = `${circumstances()}\n\n${text.trim()}`
  console.log(`\n${whole}\n`)
  if (failures.length) {
    for (const failure of failures) console.error(`✗ ${failure}`)
    process.exitCode = 1
    return
  }
  if (!WRITE) return
  if (QUICK) throw new Error('the short form is not published: leave out --quick')
  const [begin, end] = [`<!-- ${section} -->`, `<!-- /${section} -->`]
  const page = readFileSync(PAGE, 'utf8')
  const [from, to] = [page.indexOf(begin), page.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`docs/proof.md has no section ${section}`)
  writeFileSync(PAGE, `${page.slice(0, from + begin.length)}\n${whole}\n${page.slice(to)}`)
}

function circumstances(): string {
  const processors = cpus()
  const model = processors[0]?.model.replace(/\s+/g, ' ').trim() || 'unknown processor'
  const memory = Math.round(totalmem() / 2 ** 30)
  const day = new Date().toISOString().slice(0, 10)
  return `*${QUICK ? 'Short form. ' : ''}${day}, ${processors.length} × ${model}, ${memory} GiB; Node ${process.versions.node}, workerd ${workerd.version}, miniflare ${miniflare.version}.*`
}
