import { child, children, descendants, type Node, nameOf, plain, programOf, type Source, textOf } from './source.ts'

/** Texts that have a name of their own, in whatever file. */
export type Constants = ReadonlyMap<string, string>

export function constantsOf(sources: readonly Source[]): Constants {
  const constants = new Map<string, string>()
  for (const node of sources.flatMap(({ nodes }) => nodes)) {
    if (node.type !== 'VariableDeclarator') continue
    const [name, text] = [nameOf(child(node, 'id')), textOf(plain(child(node, 'init')))]
    if (name && text !== undefined) constants.set(name, text)
  }
  return constants
}

/** A word under these names has been told where it was made, or is one of a union that is gathered by itself. */
const PASSED_ON = /^(reason|row|stored|at|authenticity|undefined)$/

/**
 * The words that an expression may come to; `undefined` where the code does not tell. A provider's own status is one of the
 * words it was compared with. Of what was passed on there are none here.
 */
export function wordsOf(given: Node, constants: Constants): string[] | undefined {
  const node = plain(given)
  const written = writtenWords(node)
  if (written) return written
  const several = sidesOf(node)
  if (several) {
    const words = several.map((side) => wordsOf(side, constants))
    return words.includes(undefined) ? undefined : words.flatMap((some) => some ?? [])
  }
  const name = nameOf(node)
  if (name === undefined) return undefined
  if (PASSED_ON.test(name)) return []
  const constant = constants.get(name)
  return constant === undefined ? (comparedWith(node, name) ?? writtenInto(node, name)) : [constant]
}

/** The words as they stand there. `http-${status}` is `http-<status>`. */
export function writtenWords(given: Node): string[] | undefined {
  const node = plain(given)
  const text = textOf(node)
  if (text !== undefined) return [text]
  if (node.type !== 'TemplateLiteral') return undefined
  const names = children(node, 'expressions').map((one) => `<${nameOf(one) ?? 'text'}>`)
  const parts = children(node, 'quasis').map((part) => (part.value as { cooked: string }).cooked)
  return [parts.map((part, place) => part + (names[place] ?? '')).join('')]
}

function sidesOf(node: Node): Node[] | undefined {
  if (node.type === 'ConditionalExpression') return [child(node, 'consequent'), child(node, 'alternate')]
  return node.type === 'LogicalExpression' ? [child(node, 'left'), child(node, 'right')] : undefined
}

/** What a value has been found to be, by the conditions around the place where it is used. */
function comparedWith(node: Node, name: string): string[] | undefined {
  for (let at: Node | undefined = node; at; at = at.parent) {
    if (at.type !== 'IfStatement' && at.type !== 'ConditionalExpression') continue
    const words = alternatives(child(at, 'test'), name)
    if (words.length) return words
  }
  return undefined
}

/** The words that make a test of that name hold: `status === 'open' || status === 'expired'`, `/^(draft|ready)$/.test(status)`. */
function alternatives(test: Node, name: string): string[] {
  if (test.type === 'LogicalExpression') return ['left', 'right'].flatMap((side) => alternatives(child(test, side), name))
  if (test.type === 'BinaryExpression' && test.operator === '===' && nameOf(child(test, 'left')) === name) {
    return [textOf(child(test, 'right'))].filter((word) => word !== undefined)
  }
  const callee = child(test, 'callee')
  const [argument] = children(test, 'arguments')
  if (nameOf(callee) !== 'test' || !argument || nameOf(argument) !== name) return []
  const { pattern = '' } = (child(callee, 'object').regex ?? {}) as { pattern?: string }
  const words = pattern.replaceAll(/[\^$()]/g, '').split('|')
  return words.flatMap((word) => [word.replaceAll('?', ''), word.replaceAll(/.\?/g, '')])
}

/** The words that may be in a variable, by what it is made of: `within(asked, 300, 'slow' as const)`. */
function writtenInto(node: Node, name: string, seen: readonly string[] = []): string[] | undefined {
  const words = initialised(programOf(node), name).flatMap((one) => {
    if (one.type === 'TSAsExpression') return textOf(plain(one)) ?? []
    const other = one.type === 'Identifier' ? (nameOf(one) ?? '') : name
    return other === name || seen.includes(other) ? [] : (writtenInto(one, other, [...seen, name]) ?? [])
  })
  return words.length ? words : undefined
}

function initialised(program: Node, name: string): Node[] {
  const variables = descendants(program).filter((one) => one.type === 'VariableDeclarator' && nameOf(child(one, 'id')) === name)
  return variables.flatMap((one) => descendants(child(one, 'init')))
}
