import { cancel, log } from '@clack/prompts'

/** The frame, and a blank before and after it. */
const FRAME = 4
const NARROWEST = 30

/** Sentences within the frame, each line as wide as the terminal allows. */
export const say = {
  note: (text: string) => log.message(framed(text)),
  step: (text: string) => log.step(framed(text)),
  info: (text: string) => log.info(framed(text)),
  well: (text: string) => log.success(framed(text)),
  warning: (text: string) => log.warn(framed(text)),
  wrong: (text: string) => log.error(framed(text)),
  farewell: (text: string) => cancel(text),
}

/** A text as wide as the frame allows. */
export function framed(text: string): string {
  return wrapped(text, columns() - FRAME)
}

/** How wide the terminal is. */
export function columns(): number {
  return process.stdout.columns || 80
}

/** Breaks lines between words. What hangs over is indented as its line is; what is to be copied is never broken. */
export function wrapped(text: string, width: number): string {
  return text
    .split('\n')
    .map((line) => wrappedLine(line, Math.max(width, NARROWEST)))
    .join('\n')
}

function wrappedLine(line: string, width: number): string {
  const indent = /^ *(- )?/.exec(line)?.[0] ?? ''
  const isToCopy = /^ *(https?:\/\/\S*|redirect_url=\S*|<.*)$/.test(line)
  if (line.length <= width || isToCopy) return line
  const lines: string[] = []
  let current = indent
  for (const word of line.slice(indent.length).split(' ')) {
    const isFull = current.length > indent.length && current.length + word.length > width
    if (isFull) lines.push(current.trimEnd())
    current = `${isFull ? ' '.repeat(indent.length) : current}${word} `
  }
  return [...lines, current.trimEnd()].join('\n')
}
