import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { clone, DATAFAST_API_KEY, internet } from './setup-conversation.ts'
import { KEYS, SHOP, setUp } from './setup-unattended.ts'
import { start } from './simulated-internet.ts'

/** Whether there is a process of that number. */
function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe('npm run setup -- --json --deploy', () => {
  it('hands wrangler a file with the real secrets alone, which is gone afterwards, and learns the address', async () => {
    const bin = clone.withWrangler('Deployed success-url-example-com triggers\n  https://success-url-example-com.me.workers.dev')
    const PATH = `${bin}:${internet.environment.PATH}`
    const { code, outcome, complaint } = await setUp(
      ['--thank-you', 'https://example.com/thanks', '--install', 'workers-dev', '--deploy'],
      {
        ...KEYS,
        PATH,
      },
    )
    const { args, file, mode, secrets } = clone.called()
    expect(args).toEqual(['deploy', '--secrets-file', file])
    expect(mode).toBe('600')
    expect(Object.keys(secrets).sort()).toEqual(['DATAFAST_API_KEY', 'STATUS_TOKEN', 'STRIPE_SECRET_KEY'])
    expect(file.startsWith(clone.folder)).toBe(false)
    expect(existsSync(dirname(file))).toBe(false)
    expect(complaint).toContain('Deployed success-url-example-com')
    expect([code, outcome.deployed]).toEqual([0, 'deployed'])
    expect(outcome.worker?.address).toBe('https://success-url-example-com.me.workers.dev/checkout')
    expect(outcome.paste[0]?.successUrl).toContain('https://success-url-example-com.me.workers.dev/checkout/success/stripe')
    expect(outcome.health).toContain('cannot be reached yet')
  })

  it('says what to do when wrangler fails, and leaves no secrets behind', async () => {
    const PATH = `${clone.withWrangler('✘ [ERROR] no', 1)}:${internet.environment.PATH}`
    const { code, outcome } = await setUp([...SHOP, '--deploy'], { ...KEYS, PATH })
    expect([code, outcome.deployed]).toEqual([1, 'failed'])
    expect(outcome.problems.join()).toContain('wrangler ended with 1')
    expect(existsSync(dirname(clone.called().file))).toBe(false)
  })

  it.each(['SIGINT', 'SIGTERM'] as const)('leaves neither secrets nor a running wrangler behind when it gets a %s', async (signal) => {
    const PATH = `${clone.withWrangler('Uploading…', 'never')}:${internet.environment.PATH}`
    const environment = { ...internet.environment, ...KEYS, PATH }
    const started = start('setup.ts', ['--json', '--deploy', ...SHOP], clone.folder, environment)
    await vi.waitUntil(() => clone.has('called.json') && clone.read('called.json'), { timeout: 20_000 })
    const { file, pid } = clone.called()
    started.kill(signal)
    expect((await started.ended).code).toBe(130)
    expect(existsSync(dirname(file))).toBe(false)
    await vi.waitUntil(() => !isRunning(pid), { timeout: 5_000 })
  })

  it('does not deploy what has to be mended first', async () => {
    const PATH = `${clone.withWrangler('never')}:${internet.environment.PATH}`
    const { code } = await setUp([...SHOP, '--deploy'], { DATAFAST_API_KEY, PATH })
    expect([code, clone.has('called.json')]).toEqual([1, false])
  })
})
