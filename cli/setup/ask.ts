import { styleText } from 'node:util'
import { confirm, isCancel, multiselect, password, S_BAR, select, text } from '@clack/prompts'
import { framed, say } from './say.ts'
import { wrongInTheOpen } from './shapes.ts'

/** Somebody pressed Ctrl-C, or Escape. */
export class Interrupted extends Error {}

/** Somebody chose to stop. */
export class Stopped extends Error {}

async function answered<Value>(prompt: Promise<Value | symbol>): Promise<Value> {
  const answer = await prompt
  if (isCancel(answer)) throw new Interrupted()
  return answer as Value
}

type Question = {
  message: string
  /** What Enter takes. */
  current?: string
  /** What an answer looks like. */
  example?: string
  /** What is wrong with an answer, in one sentence. An empty one reaches it as ''. */
  check?: (answer: string) => string | undefined
}

/** One line of text, without the blanks around it. A secret that was pasted by mistake does not stay on the screen. */
export async function askText({ message, current, example, check }: Question): Promise<string> {
  let secret: string | undefined
  const validate = (answer = '') => {
    secret = wrongInTheOpen(answer.trim())
    if (secret) setImmediate(clearField)
    return complaint(secret ?? check?.(answer.trim()))
  }
  const question = {
    // The prompt asks for it whenever it draws itself; what it says of an answer it forgets as soon as that is cleared.
    get message() {
      return secret ? `${message}\n${styleText('yellow', `${S_BAR}  ${framed(secret)}`)}` : message
    },
    initialValue: current ?? '',
    placeholder: example && `such as ${example}`,
    validate,
  }
  return ((await answered<string | undefined>(text(question))) ?? '').trim()
}

/** As if somebody pressed Ctrl-U: the prompt has no other way of emptying its field. */
function clearField(): void {
  process.stdin.emit('keypress', '\x15', { sequence: '\x15', name: 'u', ctrl: true, meta: false, shift: false })
}

/** One line that nobody is to see. Empty: nothing was entered. */
export async function askSecret({ message, check }: Pick<Question, 'message' | 'check'>): Promise<string> {
  const validate = (answer: string | undefined) => complaint(check?.((answer ?? '').trim()))
  return ((await answered<string | undefined>(password({ message, validate }))) ?? '').trim()
}

/** What is wrong stands below the answer, within the frame. */
function complaint(text: string | undefined): string | undefined {
  return text && framed(text).replaceAll('\n', '\n   ')
}

/** A choice. `note`: shown beside it while it is the one that Enter takes. */
export type Choice<Value extends string> = { value: Value; label: string; note?: string }

/** One of several. @param current - what Enter takes */
export async function choose<Value extends string>(message: string, choices: readonly Choice<Value>[], current?: Value): Promise<Value> {
  return answered<Value>(select<string>({ message, options: optionsOf(choices), initialValue: current }) as Promise<Value | symbol>)
}

/** Any of several. @param required - at least one */
export async function chooseSeveral<Value extends string>(
  message: string,
  choices: readonly Choice<Value>[],
  current: readonly Value[],
  required: boolean,
): Promise<Value[]> {
  const prompt = multiselect<string>({ message, options: optionsOf(choices), initialValues: [...current], required })
  return answered<Value[]>(prompt as Promise<Value[] | symbol>)
}

function optionsOf(choices: readonly Choice<string>[]) {
  return choices.map(({ value, label, note }) => ({ value, label, ...(note && { hint: note }) }))
}

/** Yes or no. @param current - what Enter takes */
export async function askWhether(message: string, current: boolean): Promise<boolean> {
  return answered<boolean>(confirm({ message, initialValue: current }))
}

/**
 * Waits for something, and says so. What is typed meanwhile is neither shown nor kept, since it may be a secret; Ctrl-C ends
 * everything.
 */
export async function waitFor<Value>(message: string, work: Promise<Value>): Promise<Value> {
  say.step(message)
  const { stdin } = process
  let interrupt = () => {}
  const interrupted = new Promise<never>((_, reject) => {
    interrupt = () => reject(new Interrupted())
  })
  const listen = (keys: Buffer | string) => {
    if (keys.toString().includes('\x03')) interrupt()
  }
  stdin.setRawMode(true)
  stdin.on('data', listen)
  stdin.resume()
  try {
    return await Promise.race([work, interrupted])
  } finally {
    stdin.off('data', listen)
    stdin.setRawMode(false)
    stdin.pause()
  }
}
