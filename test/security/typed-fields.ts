import { child, children, type Node, nameOf, type Source } from '../docs/source.ts'

/**
 * The fields of a type of the code as paths: `stage`, `stage.at`, `stage.tries.due`. Of a union all that any of its members has;
 * what is in a list or in a type of somebody else's is not opened.
 *
 * @param leaves - types that are told elsewhere
 */
export function fieldsOf(typeName: string, sources: readonly Source[], leaves: readonly string[] = []): string[] {
  const declared = sources.flatMap(({ nodes }) => nodes).filter(({ type }) => type === 'TSTypeAliasDeclaration')
  const types = Map.groupBy(declared, (node) => nameOf(child(node, 'id')))
  if (!types.has(typeName)) throw new Error(`no type ${typeName}`)
  return [...new Set(fieldsOfType(typeName))].sort()

  /** Somebody else's type has none. */
  function fieldsOfType(name: string): string[] {
    const [type, ...others] = leaves.includes(name) ? [] : (types.get(name) ?? [])
    if (others.length) throw new Error(`there are several types ${name}`)
    return type ? fieldsIn(child(type, 'typeAnnotation')) : []
  }

  function fieldsIn(node: Node): string[] {
    switch (node.type) {
      case 'TSTypeLiteral':
        return children(node, 'members').flatMap(member)
      case 'TSUnionType':
      case 'TSIntersectionType':
        return children(node, 'types').flatMap(fieldsIn)
      case 'TSParenthesizedType':
        return fieldsIn(child(node, 'typeAnnotation'))
      case 'TSTypeReference':
        return fieldsOfType(nameOf(child(node, 'typeName')) ?? '')
      default:
        return []
    }
  }

  function member(node: Node): string[] {
    const name = node.type === 'TSIndexSignature' ? indexOf(node) : nameOf(child(node, 'key'))
    if (!name) throw new Error(`a member of ${typeName} has no name that can be told`)
    const inner = fieldsIn(child(child(node, 'typeAnnotation'), 'typeAnnotation'))
    return [name, ...inner.map((field) => `${name}.${field}`)]
  }
}

/** Of `[start: \`start:${string}\`]: number` what the keys begin with, `start:`. */
function indexOf(node: Node): string | undefined {
  const [parameter] = children(node, 'parameters')
  const text = JSON.stringify(parameter, (field, value) => (field === 'parent' ? undefined : value))
  return /"cooked":"([^"]+)"/.exec(text)?.[1]
}

/** What a table, or an index, is made of: its name and its columns, as the statement that creates it has them. */
export function tablesIn(sources: readonly Source[]): { name: string; columns: string[] }[] {
  const texts = sources
    .flatMap(({ nodes }) => nodes)
    .flatMap((node) => (node.type === 'TemplateElement' ? [String((node.value as { raw?: string }).raw)] : []))
  const literals = sources.flatMap(({ nodes }) => nodes).flatMap(({ type, value }) => (type === 'Literal' ? [String(value)] : []))
  return [...texts, ...literals].flatMap((text) =>
    Array.from(text.matchAll(/CREATE TABLE IF NOT EXISTS (\w+) \(([\s\S]*?)\)(?: WITHOUT|;|$)/g), ([, name = '', inner = '']) => ({
      name,
      columns: Array.from(inner.matchAll(/(?:^|,)\s*([a-z_]+) (?:TEXT|INTEGER)/g), ([, column = '']) => column),
    })),
  )
}

/** The names of the indexes that the code creates. */
export function indexesIn(sources: readonly Source[]): string[] {
  const texts = sources.flatMap(({ nodes }) => nodes).map((node) => (node.type === 'TemplateElement' ? JSON.stringify(node.value) : ''))
  return texts.flatMap((text) => Array.from(text.matchAll(/CREATE INDEX IF NOT EXISTS (\w+)/g), ([, name = '']) => name))
}
