import { visible } from './terminal.ts'

/** Only a person can go on from here: told in a few sentences, and no fault of the program's. */
export class Advice extends Error {}

/** Tells whoever runs the program, beside its output. Nothing in it steers a terminal. */
export function tell(text: string): void {
  process.stderr.write(`${text.split('\n').map(visible).join('\n').trimEnd()}\n`)
}
