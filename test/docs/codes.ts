import { child, children, descendants, type Node, nameOf, plain, type Source, textOf } from './source.ts'
import { constantsOf, wordsOf, writtenWords } from './words.ts'

/** What the code calls things in answers, logs and on the status page. `unreadable`: places where that cannot be told. */
export type Codes = {
  outcomes: Set<string>
  events: Set<string>
  reasons: Set<string>
  stages: Set<string>
  checks: Set<string>
  misses: Set<string>
  unreadable: string[]
}

/** Gathers them from the syntax of the code. */
export function codesOf(sources: readonly Source[]): Codes {
  const nodes = sources.flatMap((source) => source.nodes)
  const { words, unreadable } = reasonsOf(sources)
  return {
    outcomes: new Set(keysOf(nodes, 'pageFor')),
    events: new Set(textsUnder(nodes, 'event')),
    reasons: new Set([
      ...words,
      // Why an order waits, alone or before the reason of the last try.
      ...keysOf(nodes, 'ROWS'),
      // How a delivery was checked, where something was stored, and under whom a payment was recorded.
      ...typeWords(nodes, 'Authenticity'),
      ...returnedTypeOf(nodes, 'secure'),
      ...secondsReturnedBy(sources, 'src/order/rules.ts', 'attribution'),
      // A visit that finds its order under way is told how far it is.
      ...typeWords(nodes, 'Stage'),
      // How a list was read.
      ...textsUnder(nodes, 'result'),
    ]),
    stages: new Set([...textsUnder(nodes, 'stage'), ...typeWords(nodes, 'End')]),
    checks: new Set([...firstArguments(nodes, 'check'), ...textsUnder(nodes, 'id').filter((id) => id.startsWith('settings'))]),
    misses: new Set(keysOf(nodes, 'MISSES')),
    unreadable,
  }
}

/** What some functions are told a reason as, counted from 0. */
const REASON_ARGUMENTS = new Map([
  ['skipped', 0],
  ['recordedAs', 1],
  ['refuse', 1],
  ['end', 2],
  ['acknowledge', 2],
])

/** Every reason, wherever one is written: as `reason: …` in values and types, and as what functions are told. */
function reasonsOf(sources: readonly Source[]): { words: Set<string>; unreadable: string[] } {
  const constants = constantsOf(sources)
  const words = new Set<string>()
  const unreadable: string[] = []
  for (const { path, nodes } of sources) {
    for (const expression of nodes.flatMap(reasonsAt)) {
      const found = wordsOf(expression, constants)
      if (!found) unreadable.push(`${path}: ${expression.type} ${nameOf(expression) ?? ''}`)
      // A text that is made of others alone, such as row and reason, is no word of its own.
      for (const word of found ?? []) if (/[a-z]/.test(word.replaceAll(/<\w+>/g, ''))) words.add(word)
    }
  }
  return { words, unreadable }
}

/** The expressions of a node that are reasons. */
function reasonsAt(node: Node): Node[] {
  const isReason = nameOf(child(node, 'key')) === 'reason'
  if (node.type === 'Property' && isReason) {
    const value = child(node, 'value')
    if (node.parent?.type !== 'ObjectPattern') return [value]
    // Of a pattern it is the place that a reason is taken to, and its default.
    return value.type === 'AssignmentPattern' ? [child(value, 'right')] : []
  }
  if (node.type === 'TSPropertySignature' && isReason) return literalTypes(node)
  const place = node.type === 'CallExpression' ? REASON_ARGUMENTS.get(nameOf(child(node, 'callee')) ?? '') : undefined
  return place === undefined ? [] : children(node, 'arguments').slice(place, place + 1)
}

/** The literals of a type. */
function literalTypes(type: Node): Node[] {
  return descendants(type).flatMap((one) => (one.type === 'TSLiteralType' ? [child(one, 'literal')] : []))
}

/** The words of a type that has a name. */
function typeWords(nodes: readonly Node[], name: string): string[] {
  const types = nodes.filter((node) => node.type === 'TSTypeAliasDeclaration' && nameOf(child(node, 'id')) === name)
  return types.flatMap(literalTypes).flatMap((node) => textOf(node) ?? [])
}

function returnedTypeOf(nodes: readonly Node[], name: string): string[] {
  return functionsNamed(nodes, name)
    .flatMap((node) => literalTypes(child(node, 'returnType')))
    .flatMap((node) => textOf(node) ?? [])
}

/** Of a function that returns pairs. */
function secondsReturnedBy(sources: readonly Source[], path: string, name: string): string[] {
  const nodes = sources.filter((source) => source.path === path).flatMap((source) => source.nodes)
  const arrays = functionsNamed(nodes, name)
    .flatMap(descendants)
    .filter(({ type }) => type === 'ArrayExpression')
  return arrays.flatMap((array) => {
    const second = children(array, 'elements')[1]
    return (second && textOf(second)) ?? []
  })
}

function functionsNamed(nodes: readonly Node[], name: string): Node[] {
  return nodes.filter((node) => node.type === 'FunctionDeclaration' && nameOf(child(node, 'id')) === name)
}

/** The keys of an object that has a name. */
function keysOf(nodes: readonly Node[], name: string): string[] {
  const objects = nodes.filter((node) => node.type === 'VariableDeclarator' && nameOf(child(node, 'id')) === name)
  const properties = objects.flatMap((node) => children(plain(child(node, 'init')), 'properties'))
  return properties.flatMap((property) => nameOf(child(property, 'key')) ?? [])
}

/** The texts that stand under a key, in values and in types: `event: 'visit'`. */
function textsUnder(nodes: readonly Node[], key: string): string[] {
  return nodes.flatMap((node) => {
    if (nameOf(child(node, 'key')) !== key) return []
    if (node.type === 'TSPropertySignature') return literalTypes(node).flatMap((one) => textOf(one) ?? [])
    const value = plain(child(node, 'value'))
    const branches = value.type === 'ConditionalExpression' ? [child(value, 'consequent'), child(value, 'alternate')] : [value]
    return node.type === 'Property' ? branches.flatMap((one) => writtenWords(one) ?? []) : []
  })
}

/** What calls of a function are told first, where that is a text. */
function firstArguments(nodes: readonly Node[], callee: string): string[] {
  const calls = nodes.filter((node) => node.type === 'CallExpression' && nameOf(child(node, 'callee')) === callee)
  return calls.flatMap((node) => children(node, 'arguments').slice(0, 1)).flatMap((first) => writtenWords(first) ?? [])
}
