import { type IPty, spawn } from '@lydell/node-pty'
import xterm from '@xterm/headless'

const PATIENCE_MS = 30_000

export const KEYS = {
  enter: '\r',
  space: ' ',
  up: '\x1b[A',
  down: '\x1b[B',
  interrupt: '\x03',
  escape: '\x1b',
  /** Empties the line. */
  clear: '\x15',
}

/** A program in a terminal of its own, as somebody in front of it sees it and types. */
export class Terminal {
  /** All that was ever sent to the screen, as it was sent. */
  output = ''
  private readonly screen: InstanceType<typeof xterm.Terminal>
  private readonly program: IPty
  private readonly ended: Promise<number>
  private hasEnded = false
  /** How far earlier waits have come. */
  private seen = ''

  /** @param folder - its working directory */
  constructor(file: string, args: string[], folder: string, environment: Record<string, string | undefined>, columns = 110) {
    // Tall enough that nothing ever leaves it: waiting for a text means looking at everything so far.
    const size = { cols: columns, rows: 400 }
    this.screen = new xterm.Terminal({ ...size, allowProposedApi: true, scrollback: 5_000 })
    const all = { TERM: 'xterm-256color', HOME: folder, ...environment }
    const env = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
    this.program = spawn(file, args, { ...size, cwd: folder, env })
    this.program.onData((data) => {
      this.output += data
      this.screen.write(data)
    })
    this.ended = new Promise((resolve) => {
      this.program.onExit(({ exitCode }) => {
        this.hasEnded = true
        resolve(exitCode)
      })
    })
  }

  /** The screen as text, as it would be copied: a line that only the width has broken is one. */
  text(): string {
    const buffer = this.screen.buffer.active
    const rows = Array.from({ length: buffer.length }, (_, row) => buffer.getLine(row))
    const lines = rows.map((row) => (row?.isWrapped ? '' : '\n') + (row?.translateToString(true) ?? ''))
    return lines.join('').trim()
  }

  /**
   * Waits until the screen shows a text below everything that was waited for before.
   * @returns the whole screen then
   */
  async shows(text: string): Promise<string> {
    const deadline = Date.now() + PATIENCE_MS
    for (;;) {
      const isLast = this.hasEnded || Date.now() > deadline
      await this.settled()
      const screen = flat(this.text())
      // What a prompt takes back once it is answered, such as its list of choices, was above: what is left of it still is.
      const found = screen.indexOf(flat(text), commonLength(screen, this.seen))
      if (found >= 0) {
        this.seen = screen.slice(0, found + flat(text).length)
        return this.text()
      }
      if (isLast) throw new Error(`“${text}” never came. The screen:\n${this.text()}`)
    }
  }

  type(text: string): void {
    this.program.write(text)
  }

  /** Waits for a question, and answers it. */
  async answer(question: string, ...keys: string[]): Promise<void> {
    // A prompt listens before it draws itself.
    await this.shows(question)
    this.type(keys.join(''))
  }

  /** Waits for the program to end. @returns its exit code */
  async end(): Promise<number> {
    const code = await Promise.race([this.ended, new Promise<undefined>((resolve) => setTimeout(resolve, PATIENCE_MS))])
    await this.settled()
    if (code === undefined) throw new Error(`It did not end. The screen:\n${this.text()}`)
    return code
  }

  /** What was sent until now has been drawn. */
  private async settled(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 20))
    await new Promise<void>((resolve) => this.screen.write('', resolve))
  }

  kill(): void {
    if (!this.hasEnded) this.program.kill()
  }
}

/** Without frames, marks and line ends, which depend on the width and on what is answered already. */
function flat(text: string): string {
  return text.replace(/[│┌└◆◇▲■●○◻◼▪█\s]+/g, ' ')
}

/** How much of two texts is the same, in whole words. */
function commonLength(one: string, other: string): number {
  let length = 0
  while (length < other.length && one[length] === other[length]) length++
  return length === other.length ? length : one.lastIndexOf(' ', length)
}
