import { existsSync, readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { parse } from 'smol-toml'
import { describe, expect, it } from 'vitest'
import { SECRET_NAMES } from '../../cli/configuration.ts'
import { isPlaceholder } from '../../src/placeholder.ts'
import { PROVIDERS } from '../../src/providers/index.ts'
import { settingsFor } from '../../src/settings.ts'

/**
 * What Cloudflare's deploy button reads (developers.cloudflare.com/workers/platform/deploy-buttons, changelog of 1 July 2025): every
 * line of .dev.vars.example that is not commented out is asked for as a secret, with what stands there filled in; variables and
 * bindings come from the Wrangler file, their descriptions from package.json.
 */
const example = readFileSync('.dev.vars.example', 'utf8')
const asked = parseEnv(example)
const wrangler = parse(readFileSync('wrangler.toml', 'utf8')) as {
  vars: Record<string, unknown>
  kv_namespaces: Record<string, unknown>[]
  durable_objects: { bindings: Record<string, unknown>[] }
  migrations: { tag: string; new_sqlite_classes: string[] }[]
  ratelimits: Record<string, unknown>[]
}
const packageJson = JSON.parse(readFileSync('package.json', 'utf8')) as {
  scripts: Record<string, string>
  devDependencies: Record<string, string>
  cloudflare: { label: string; products: string[]; bindings: Record<string, { description: string }> }
}
const bindings = [
  ...wrangler.kv_namespaces.map(({ binding }) => String(binding)),
  ...wrangler.durable_objects.bindings.map(({ name }) => String(name)),
  ...wrangler.ratelimits.map(({ name }) => String(name)),
]

describe('the deploy button asks for', () => {
  it('the secrets that can exist before there is a Worker, and for no other', () => {
    const keys = PROVIDERS.map(({ keySetting }) => keySetting)
    expect(Object.keys(asked).sort()).toEqual(['DATAFAST_API_KEY', 'STATUS_TOKEN', ...keys].sort())
  })

  it('each with a placeholder that is used for nothing when it is left', () => {
    expect(Object.values(asked).filter((value) => !isPlaceholder(value ?? ''))).toEqual([])
    const { connections, webhookSecrets, dataFast, statusToken } = settingsFor(asked)
    expect([connections.size, webhookSecrets.size, dataFast, statusToken]).toEqual([0, 0, undefined, undefined])
  })

  it('one variable, the thank-you page', () => {
    expect(wrangler.vars).toEqual({ THANK_YOU_URL: '' })
  })

  it('no id: everything that is bound is created', () => {
    expect(wrangler.kv_namespaces).toEqual([{ binding: 'RECORDED' }])
    const classes = wrangler.durable_objects.bindings.map(({ class_name }) => class_name)
    expect(wrangler.migrations.flatMap(({ new_sqlite_classes }) => new_sqlite_classes)).toEqual(classes)
  })
})

describe('the other secrets', () => {
  it.each(SECRET_NAMES.filter((name) => !(name in asked)))(
    '%s stands in .dev.vars.example, commented out, below where to find it',
    (name) => {
      expect(example).toMatch(new RegExp(`^# .+\\n# ${name}=$`, 'm'))
    },
  )
})

describe('package.json describes', () => {
  it.each([...Object.keys(asked), ...Object.keys(wrangler.vars), ...bindings])('%s, in whole sentences', (name) => {
    expect(packageJson.cloudflare.bindings[name]?.description).toMatch(/^[A-Z`].{30,300}\.$/)
  })

  it('nothing that is not asked for', () => {
    expect(Object.keys(packageJson.cloudflare.bindings).sort()).toEqual(
      [...Object.keys(asked), ...Object.keys(wrangler.vars), ...bindings].sort(),
    )
  })

  it.each(PROVIDERS.map(({ title, keySetting }) => [keySetting, title]))(
    '%s as that of %s, to be left alone by everybody else',
    (name, title) => {
      const description = packageJson.cloudflare.bindings[name]?.description
      expect(description).toMatch(new RegExp(`^If you sell with ${title}: `))
      expect(description).toContain(`Otherwise leave \`${asked[name]}\`.`)
    },
  )

  it('itself, with at most three products', () => {
    expect(packageJson.cloudflare.label).toBe('success-url')
    expect(packageJson.cloudflare.products.length).toBeLessThanOrEqual(3)
  })
})

describe('the commands that the button runs', () => {
  it.each(['build', 'deploy'])('npm run %s needs nothing but what npm ci has installed', (script) => {
    const [program = '', file] = (packageJson.scripts[script] ?? '').split(' ')
    expect(Object.keys(packageJson.devDependencies)).toContain(program)
    if (program === 'node') expect(existsSync(file ?? '')).toBe(true)
  })
})
