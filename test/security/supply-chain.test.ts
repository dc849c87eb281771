import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

type Package = Record<string, unknown> & { version?: string; integrity?: string; license?: string; dependencies?: Record<string, string> }
type Manifest = Package & { devDependencies: Record<string, string>; allowScripts: Record<string, boolean> }

const read = <Value>(path: string) => JSON.parse(readFileSync(path, 'utf8')) as Value

const manifest = read<Manifest>('package.json')
const lockfile = read<{ lockfileVersion: number; packages: Record<string, Package> }>('package-lock.json')
const { '': own, ...locked } = lockfile.packages
const atRunTime = Object.keys(manifest.dependencies ?? {})
const entries = Object.entries(locked)

/** May be used, changed and passed on by anybody for anything, as long as its notice stays. */
const PERMISSIVE = ['MIT', 'ISC', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0']

describe('What is deployed', () => {
  const { sources } = read<{ sources: string[] }>('dist/index.js.map')
  const modules = sources.map((source) => source.replace(/^(\.\.\/)+/, ''))

  it('is this repository’s own code and that of two packages, and nothing else', () => {
    const packages = modules
      .filter((module) => !module.startsWith('src/'))
      .map((module) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(module)?.[1])
    expect([...new Set(packages)].sort()).toEqual(['itty-router', 'valibot'])
    expect(modules.filter((module) => module.startsWith('src/')).length).toBeGreaterThan(50)
  })

  it('is all of it of this repository: every file of its own is here as it was built', () => {
    const { sourcesContent } = read<{ sourcesContent: string[] }>('dist/index.js.map')
    const others = modules.filter((module, place) => readFileSync(module, 'utf8') !== sourcesContent[place])
    expect(others).toEqual([])
  })

  it('makes no code of text, and loads none while it runs', () => {
    const bundle = readFileSync('dist/index.js', 'utf8')
    expect(bundle).not.toMatch(/\beval\(|new Function\(|(?<![.\w])import\(/)
    const imported = Array.from(bundle.matchAll(/(?:from|import)\s*["']([^"']+)["']/g), ([, name]) => name)
    expect([...new Set(imported)]).toEqual(['cloudflare:workers'])
  })
})

describe('A package that runs in production', () => {
  it('is one of two', () => {
    expect(atRunTime.sort()).toEqual(['itty-router', 'valibot'])
    expect(own?.dependencies).toEqual(manifest.dependencies)
  })

  it.each(atRunTime)('%s: is pinned to one version, the one that is locked and installed', (name) => {
    const version = manifest.dependencies?.[name]
    expect(version).toMatch(/^\d+\.\d+\.\d+$/)
    expect(locked[`node_modules/${name}`]?.version).toBe(version)
    expect(read<Package>(`node_modules/${name}/package.json`).version).toBe(version)
  })

  it.each(atRunTime)('%s: brings no other package along', (name) => {
    const { dependencies, optionalDependencies, hasInstallScript } = locked[`node_modules/${name}`] ?? {}
    expect([dependencies, optionalDependencies, hasInstallScript]).toEqual([undefined, undefined, undefined])
  })

  it.each(atRunTime)('%s: has a licence that lets everybody use it, and says so in a file', (name) => {
    expect(PERMISSIVE).toContain(read<Package>(`node_modules/${name}/package.json`).license)
    expect(PERMISSIVE).toContain(locked[`node_modules/${name}`]?.license)
    expect(['LICENSE', 'LICENSE.md'].some((file) => existsSync(`node_modules/${name}/${file}`))).toBe(true)
  })
})

describe('A package that is installed', () => {
  it('is locked by its hash, at whatever address it is downloaded from', () => {
    expect(lockfile.lockfileVersion).toBe(3)
    expect(entries.filter(([, { integrity }]) => !/^sha512-[\w+/]{86}==$/.test(integrity ?? '')).map(([path]) => path)).toEqual([])
    expect(entries.filter(([, entry]) => 'resolved' in entry || 'link' in entry).map(([path]) => path)).toEqual([])
    expect(entries.length).toBeGreaterThan(100)
  })

  it('is named by a version, and by no address, folder or tag', () => {
    const wanted = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })
    expect(wanted.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([])
  })

  it('runs a script of its own only if it is one of three', () => {
    const allowed = Object.entries(manifest.allowScripts).flatMap(([name, isAllowed]) => (isAllowed ? [name] : []))
    expect(allowed.sort()).toEqual(['esbuild', 'node', 'workerd'])
    // Whoever else has one is named, and may not.
    const scripted = entries
      .filter(([, { hasInstallScript }]) => hasInstallScript)
      .map(([path]) => path.split('node_modules/').at(-1) ?? '')
    expect(scripted.filter((name) => !(name in manifest.allowScripts))).toEqual([])
    expect(scripted).toEqual(expect.arrayContaining(allowed))
  })

  it('may be installed from here without any other registry’s settings', () => {
    expect(readFileSync('.npmrc', 'utf8')).not.toMatch(/registry\s*=|_auth|token/i)
  })
})

describe('The repository', () => {
  it('is never published by accident, and keeps secrets out', () => {
    expect(manifest.private).toBe(true)
    expect(readFileSync('.gitignore', 'utf8').split('\n')).toEqual(expect.arrayContaining(['.dev.vars']))
  })
})
