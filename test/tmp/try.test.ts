import { expect, it } from 'vitest'
import { eventually, startWorker } from '../bundle/worker.ts'
import { SECRETS } from '../../sandbox/world/secrets.ts'
it('tries', async () => {
  const worker = await startWorker({ vars: { PUBLIC_URL: 'https://pay.example.com', DATAFAST_WEBSITE_ID: '665f0b3c4d2e1a0012345678', ALERT_URL: 'https://alerts.example.com/x' }, secrets: { ...SECRETS, STATUS_TOKEN: 'sandbox-status-token-0123456789' } })
  await worker.worker.scheduled({ cron: '*/15 * * * *' })
  await new Promise((r) => setTimeout(r, 3000))
  console.log(worker.world.calls.map((c) => `${c.status} ${c.url}`).join('\n'))
  worker.world.stripe.sell('cs_live_sweep000000000001', { created: Math.floor(Date.now() / 1000), success_url: 'https://pay.example.com/checkout/success/stripe?session_id={CHECKOUT_SESSION_ID}' })
  await worker.worker.scheduled({ cron: '*/15 * * * *' })
  await eventually(() => worker.world.dataFast.ledger.size, Boolean)
  console.log([...worker.world.dataFast.ledger.values()])
  const answer = await worker.visit('/checkout/status', { headers: { accept: 'application/json', authorization: 'Bearer sandbox-status-token-0123456789' } })
  console.log(answer.status, JSON.stringify(JSON.parse(answer.text), null, 1).slice(0, 9000))
  console.log(worker.world.alerts.messages)
  console.log(worker.logs().join('\n'))
  expect(1).toBe(1)
  await worker.stop()
})
