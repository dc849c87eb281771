/**
 * A second Worker beside the real one, as sandbox/lens.ts is for orders: it looks into the books and turns their pages back,
 * on a test's behalf. What the books keep to themselves is private in name only.
 */
export default {
  async fetch(request, env) {
    const { method, parameters } = (await request.json()) as { method: string; parameters: unknown[] }
    const books = env.LEDGER.getByName('books') as unknown as Record<string, (...parameters: unknown[]) => Promise<unknown>>
    return Response.json((await books[method]?.(...parameters)) ?? null)
  },
} satisfies ExportedHandler<{ LEDGER: DurableObjectNamespace }>
