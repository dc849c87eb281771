import { type Built, build, ours } from '../handlers/build.ts'

/** What is measured, in the order in which it takes turns. */
export const CONTENDERS = ['success-url', 'straightforward', 'hono-stripe', 'only-redirects'] as const
export type ContenderName = (typeof CONTENDERS)[number]

/** As the tables call them. */
export const LABELS: Record<ContenderName, string> = {
  'success-url': 'success-url',
  straightforward: '(a) straightforward handler',
  'hono-stripe': '(b) Hono and Stripe’s SDK',
  'only-redirects': '(c) only redirects',
}

/** Something for each contender. */
export type ByContender<Value> = Record<ContenderName, Value>

/** Makes something for each contender, one after the other. */
export async function forEach<Value>(make: (name: ContenderName) => Value | Promise<Value>): Promise<ByContender<Value>> {
  const made = {} as ByContender<Value>
  for (const name of CONTENDERS) made[name] = await make(name)
  return made
}

/** All of them as wrangler bundles them. */
export function bundles(): Promise<ByContender<Built>> {
  return forEach((name) => (name === 'success-url' ? ours() : build(name)))
}
