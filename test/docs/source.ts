import { readdirSync, readFileSync } from 'node:fs'
import { parseAst } from 'vitest/node'

/** A node of a syntax tree, with the one it stands in. */
export type Node = { type: string; parent: Node | undefined; [field: string]: unknown }

/** One file of the code as its syntax tells it: every node, and none of the comments. `path`: from the root of the repository. */
export type Source = { path: string; nodes: readonly Node[] }

/** Every TypeScript file of a folder, read by the parser that runs these tests. */
export function sourcesIn(folder: string): Source[] {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'))
  return paths.sort().map((path) => {
    const program: unknown = parseAst(readFileSync(`${folder}/${path}`, 'utf8'), { lang: 'ts' })
    const nodes = isNode(program) ? descendants(program) : []
    for (const node of nodes) for (const inner of innerNodes(node)) inner.parent = node
    return { path: `${folder}/${path}`, nodes }
  })
}

const known = new WeakMap<Node, Node[]>()

/** A node and everything in it. */
export function descendants(node: Node): Node[] {
  const nodes = known.get(node) ?? [node, ...innerNodes(node).flatMap(descendants)]
  known.set(node, nodes)
  return nodes
}

function innerNodes({ parent: _, ...fields }: Node): Node[] {
  return Object.values(fields)
    .flatMap((value) => (Array.isArray(value) ? value : [value]))
    .filter(isNode)
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string'
}

/** The file that a node stands in. */
export function programOf(node: Node): Node {
  return node.parent ? programOf(node.parent) : node
}

/** The node in a field; one that is not there has no type. */
export function child(node: Node, field: string): Node {
  const value = node[field]
  return isNode(value) ? value : { type: '', parent: node }
}

/** The nodes of a list in a field. */
export function children(node: Node, field: string): Node[] {
  const value = node[field]
  return Array.isArray(value) ? value.filter(isNode) : []
}

/** The text of a string literal. */
export function textOf(node: Node): string | undefined {
  return node.type === 'Literal' && typeof node.value === 'string' ? node.value : undefined
}

/** What something is called: an identifier, the last part of `a.b.c`, a key. */
export function nameOf(node: Node): string | undefined {
  if (node.type === 'Identifier') return String(node.name)
  if (node.type === 'MemberExpression') return nameOf(child(node, 'property'))
  return textOf(node)
}

/** The expression without the types around it. */
export function plain(node: Node): Node {
  return /^TS(As|Satisfies)Expression$/.test(node.type) ? plain(child(node, 'expression')) : node
}
