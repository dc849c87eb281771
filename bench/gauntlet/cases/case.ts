import type { Stage } from '../stage.ts'

/** One thing that any success handler should survive, judged from outside alone. */
export type Case = {
  /** A sentence that says what a buyer or a founder may expect. */
  name: string
  /** What the handler has to have, or it cannot be tried. */
  needs?: readonly ('webhook' | 'restart')[]
  /** It takes long even where the handler survives it: left out of the short form. */
  slow?: true
  /** It takes so much of the machine, or of the handler, that nothing else is tried meanwhile. */
  alone?: true
  /** Resolves when the handler survives; rejects with a flaw when it does not. */
  run: (stage: Stage) => Promise<void>
}
