import { randomBytes } from 'node:crypto'
import { PROVIDERS } from '../../src/providers/index.ts'
import { GUIDES } from '../guides/index.ts'
import type { Answers } from './answers.ts'

/** The webhook secrets of chosen providers that whoever sets this up thinks up, and that are not there yet. */
export function missingInventions({ providers, secrets }: Answers): string[] {
  return PROVIDERS.filter(({ name }) => providers.includes(name) && GUIDES[name].webhookSecret.madeBy === 'seller')
    .map(({ webhook }) => webhook.secret)
    .filter((setting) => !secrets[setting])
}

/** A secret nobody can guess, of 32 characters that fit everywhere: an address, a header, Lemon Squeezy’s 40. */
export function invented(): string {
  return randomBytes(16).toString('hex')
}

/** Adds what needs nobody’s thinking: the token of the status page. */
export function withStatusToken(answers: Answers): Answers {
  if (answers.secrets.STATUS_TOKEN) return answers
  return { ...answers, secrets: { ...answers.secrets, STATUS_TOKEN: invented() } }
}
