/** Loaded before a program under test: a connection that would leave this machine fails, and is told on stderr. */
import { Socket } from 'node:net'

const NEAR = new Set(['127.0.0.1', '::1', 'localhost'])
const connect = Socket.prototype.connect as (this: Socket, ...parameters: unknown[]) => Socket

Socket.prototype.connect = function (this: Socket, ...parameters: unknown[]) {
  // Node hands its own calls over as one array of what was given.
  const [first, second] = (Array.isArray(parameters[0]) ? parameters[0] : parameters) as [unknown, unknown]
  const { host, path } = Object(first) as { host?: string; path?: string }
  const target = host ?? (typeof second === 'string' ? second : 'localhost')
  if (path || NEAR.has(target)) return connect.apply(this, parameters)
  process.stderr.write(`left this machine: ${target}\n`)
  return this.destroy(new Error(`nothing but this machine is reachable, not ${target}`))
}
