import { SECRET_NAMES } from '../../cli/configuration.ts'
import { child, children, type Node, nameOf, type Source, textOf } from './source.ts'

/** How settings are read by name (src/setting-reader.ts). */
const READS = /^(text|read|secret|secrets|ownSecret|choice|number|address|table)$/
const IS_SETTING = /^[A-Z][A-Z0-9_]+$/

/** The settings that the code reads, by what they are. */
export type Settings = { variables: Set<string>; secrets: Set<string>; bindings: Set<string> }

/** Gathers them from the syntax of the code: what the reader is asked for, what providers name, what the environment declares. */
export function settingsOf(sources: readonly Source[]): Settings {
  const nodes = sources.flatMap((source) => source.nodes)
  const bindings = new Set(membersOf(nodes, 'Env'))
  const secrets = new Set([
    ...nodes.flatMap((node) => askedFor(node, /^(secrets?|ownSecret)$/)),
    ...nodes.flatMap((node) => textsUnder(node, /^(keySetting|secret)$/)),
    // Read as a text, or as an address: what they are says the list of secrets.
    ...SECRET_NAMES,
  ])
  const pages = nodes.filter((node) => node.type === 'VariableDeclarator' && nameOf(child(node, 'id')) === 'pageFor')
  const all = [
    ...nodes.flatMap((node) => askedFor(node, READS)),
    ...nodes.flatMap((node) => (node.type === 'MemberExpression' && nameOf(child(node, 'object')) === 'env' ? (nameOf(node) ?? []) : [])),
    ...pages.flatMap((node) => pageSettings(nodes, node)),
  ]
  const variables = all.filter((name) => IS_SETTING.test(name) && !secrets.has(name) && !bindings.has(name))
  return { variables: new Set(variables), secrets: new Set(Array.from(secrets).filter((name) => IS_SETTING.test(name))), bindings }
}

/** What a call such as `setting.choice('REVENUE', …)` reads. */
function askedFor(node: Node, method: RegExp): string[] {
  const callee = child(node, 'callee')
  const [first] = children(node, 'arguments')
  const isReader = node.type === 'CallExpression' && ['setting', 'this'].includes(nameOf(child(callee, 'object')) ?? '')
  return isReader && first && method.test(nameOf(callee) ?? '') ? [textOf(first)].filter((name) => name !== undefined) : []
}

function textsUnder(node: Node, key: RegExp): string[] {
  if (node.type !== 'Property' || !key.test(nameOf(child(node, 'key')) ?? '')) return []
  return [textOf(child(node, 'value'))].filter((text) => text !== undefined)
}

/** The settings that outcomes lead to: the values of `pageFor`. */
function pageSettings(nodes: readonly Node[], page: Node): string[] {
  const isWithin = (node: Node | undefined): boolean => node === page || (!!node && isWithin(node.parent))
  return nodes.filter((node) => node.type === 'Property' && isWithin(node)).flatMap((node) => textOf(child(node, 'value')) ?? [])
}

function membersOf(nodes: readonly Node[], name: string): string[] {
  const declared = nodes.filter((node) => node.type === 'TSInterfaceDeclaration' && nameOf(child(node, 'id')) === name)
  return declared.flatMap((node) => children(child(node, 'body'), 'body')).flatMap((member) => nameOf(child(member, 'key')) ?? [])
}
