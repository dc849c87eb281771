import { inlineCode, pages } from './markdown.ts'

/** A command that a page tells its readers to run, and the pages that do. */
export type Command = { line: string; pages: string[] }

const PROGRAM = /^(npm|npx|node|git|curl|openssl|cp) \S|^\.ci\/run$/

/** Every command of the pages: each line of a block for the shell, and inline code that begins with a program. Parts of `a && b` count alone. */
export function commandsInPages(): Command[] {
  const commands = new Map<string, Set<string>>()
  for (const { path, prose, blocks } of pages()) {
    const scripts = blocks.filter(({ language }) => /^(sh|bash|shell|console|zsh)$/.test(language)).map(({ text }) => text)
    const lines = scripts
      .flatMap((text) => text.replaceAll(/\s*\\\n\s*/g, ' ').split('\n'))
      .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
      // A line for .dev.vars is shown alike.
      .filter((line) => !/^[A-Z_]+=\S*$/.test(line))
    const inline = inlineCode(prose).filter((code) => PROGRAM.test(code))
    for (const line of [...lines, ...inline].flatMap((one) => one.split(' && ')).filter(Boolean)) {
      commands.set(line, new Set(commands.get(line)).add(path))
    }
  }
  return Array.from(commands, ([line, on]) => ({ line, pages: [...on].sort() }))
}

/** Commands that differ by what their readers fill in are one: which secret, whose address, which order. */
export function shapeOf(line: string): string {
  return line
    .replace(/^(npx wrangler secret put)( [A-Z_]+)?$/, '$1 NAME')
    .replace(/"[a-z]+:[a-z]+_\S*…"/, '"REFERENCE"')
    .replace(/^(npm run dry-run --) .+$/, '$1 ORDER')
    .replace(/^(npm run probe) -- --visitor .+$/, '$1')
    .replace(/^(npm run proof) -- --(quick|write)$/, '$1')
    .replace(/https:\/\/…/, 'https://pay.example.com')
}
