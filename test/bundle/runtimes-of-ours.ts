import { readdirSync, readFileSync } from 'node:fs'

/** The processes of the local runtime that this one has started itself: others may run beside it. */
export function runtimesOfOurs(): number[] {
  return readdirSync('/proc').filter(isOurRuntime).map(Number)
}

/** Whether a process, by its name in /proc, is such a runtime (proc(5): fields 2 and 4 of `stat`). */
function isOurRuntime(pid: string): boolean {
  try {
    const [, command, , parent] = /^\d+ \((.*)\) (\S) (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? []
    return /^\d+$/.test(pid) && command === 'workerd' && Number(parent) === process.pid
  } catch {
    return false
  }
}
