import { startSandbox } from './sandbox.ts'

const port = Number(process.env.PORT ?? 8787)

try {
  const sandbox = await startSandbox({ port })
  console.log(`
  The sandbox shop is open:  ${sandbox.origin}

  The Worker behind it is the real bundle; the payment providers and DataFast are simulated.
  Nothing leaves this machine. Ctrl-C closes the shop.
`)
  const close = async () => {
    console.log('\n  Closing the shop.')
    await sandbox.stop()
    process.exit(0)
  }
  process.once('SIGINT', close)
  process.once('SIGTERM', close)
} catch (error) {
  console.error(explain(error))
  process.exit(1)
}

function explain(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'EADDRINUSE') return `Port ${port} is taken. Choose another one: PORT=8788 npm run demo`
  if (code === 'EACCES' || code === 'ERR_SOCKET_BAD_PORT') return `Port ${process.env.PORT} cannot be used. Choose one from 1024 to 65535.`
  return `The sandbox could not start: ${error instanceof Error ? error.stack : error}`
}
