import * as v from 'valibot'
import type { Env } from '../../src/env.ts'
import { parseJson } from '../../src/outgoing.ts'
import { PROVIDERS, type ProviderName } from '../../src/providers/index.ts'
import { settingsFor } from '../../src/settings.ts'
import { BOUND, type Read, SECRET_NAMES } from '../configuration.ts'
import type { Secrets } from './env-edit.ts'
import { type Install, originFor, readInstall } from './install.ts'
import { hasGap, isReal } from './shapes.ts'
import { SHIPPED_NAME } from './worker-name.ts'

/** What is to stand in wrangler.toml and .dev.vars: what is there now, and with every question a little more of what is wanted. */
export type Answers = {
  /** The Worker's. */
  readonly name: string
  readonly install: Install
  readonly providers: readonly ProviderName[]
  /** The variables of `[vars]`. An empty one counts as not set. */
  readonly vars: Readonly<Record<string, unknown>>
  readonly secrets: Secrets
}

/** A payment link as `LINKS` has it: with its provider where the host does not tell. */
export type Link = string | { readonly provider: string; readonly url: string }

/** What is set up now. A secret of the shell's environment wins over the file; a placeholder counts as not set, wherever it is. */
export function currentAnswers({ env, name, toml, stored }: Read): Answers {
  const { basePath } = settingsFor(env)
  const secrets: Secrets = Object.fromEntries(
    SECRET_NAMES.flatMap((name) => {
      const real = [env[name], stored[name]].map((value) => String(value ?? '')).find((value) => isReal(name, value))
      return real ? [[name, real] as const] : []
    }),
  )
  return {
    name: name ?? SHIPPED_NAME,
    install: readInstall(toml, basePath),
    providers: PROVIDERS.filter(({ keySetting }) => secrets[keySetting]).map((provider) => provider.name),
    // As ordinary objects, whatever the parser made them of.
    vars: JSON.parse(JSON.stringify(toml.vars ?? {})),
    secrets,
  }
}

/** The secrets of which the shell's environment has another than .dev.vars: perhaps those of another project. */
export function replacedIn({ env, stored }: Read): string[] {
  return SECRET_NAMES.filter((name) => {
    const given = String(env[name] ?? '')
    return given !== stored[name] && isReal(name, given) && isReal(name, stored[name])
  })
}

/** The secrets of which something was given, in whichever place, that still holds a gap. */
export function gapsIn({ env }: Read): string[] {
  return SECRET_NAMES.filter((name) => hasGap(name, String(env[name] ?? '')))
}

/** The same as if the environment did not have these. */
export function withStored(read: Read, names: readonly string[]): Read {
  return { ...read, env: { ...read.env, ...Object.fromEntries(names.map((name) => [name, read.stored[name]])) } }
}

/** Whether nobody has set anything up yet: the thank-you page is the first thing that has to be there. */
export function isFresh({ vars }: Answers): boolean {
  return !textOf(vars, 'THANK_YOU_URL')
}

/** The answers as the Worker would be given them. */
export function envOf({ vars, secrets }: Answers): Env {
  return { ...BOUND, ...vars, ...secrets }
}

/** Where the Worker is to be reached, by its own settings. @param learned - the workers.dev address, once wrangler has told it */
export function addressOf({ install, name, vars }: Answers, learned?: string): URL {
  const address = originFor(install, name, learned)
  // Routes that are kept elsewhere name no host here.
  const isNamed = install.is !== 'own' || install.host
  return isNamed ? address : (URL.parse(textOf(vars, 'PUBLIC_URL')) ?? address)
}

/** A variable as text; empty when it is not set, or no text. */
export function textOf(vars: Answers['vars'], name: string): string {
  const value = vars[name]
  return typeof value === 'string' ? value.trim() : ''
}

/** A table among the variables, whatever is in it; empty when there is none. In the dashboard one is written as JSON text. */
export function tableIn({ vars }: Answers, name: string): Readonly<Record<string, unknown>> {
  const value = vars[name]
  const table = typeof value === 'string' ? parseJson(value) : value
  return typeof table === 'object' && !Array.isArray(table) ? { ...table } : {}
}

/** The ids that count, by provider. */
export function onlyOf(answers: Answers): Record<string, readonly string[]> {
  const isList = (entry: unknown): entry is readonly string[] => v.is(v.array(v.string()), entry)
  return readable(tableIn(answers, 'ONLY'), isList)
}

/** The payment links, by name. */
export function linksOf(answers: Answers): Record<string, Link> {
  const isLink = (entry: unknown): entry is Link => v.is(v.union([v.string(), v.object({ provider: v.string(), url: v.string() })]), entry)
  return readable(tableIn(answers, 'LINKS'), isLink)
}

function readable<Entry>(table: Readonly<Record<string, unknown>>, isEntry: (entry: unknown) => entry is Entry): Record<string, Entry> {
  return Object.fromEntries(Object.entries(table).filter((entry): entry is [string, Entry] => isEntry(entry[1])))
}

/** Sets a variable. An empty one is taken back, and not written down as empty. */
export function withVar(answers: Answers, name: string, value: unknown): Answers {
  const isEmpty = value === '' || value === undefined || (typeof value === 'object' && !Object.keys(Object(value)).length)
  const { [name]: _, ...others } = answers.vars
  return { ...answers, vars: isEmpty ? others : { ...others, [name]: value } }
}

/** Sets a secret; empty takes it back. */
export function withSecret(answers: Answers, name: string, value: string): Answers {
  return { ...answers, secrets: { ...answers.secrets, [name]: value } }
}
