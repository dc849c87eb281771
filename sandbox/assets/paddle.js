/*
 * The seller's page that Paddle's overlay opens over. When the buyer pays, its script hands DataFast's visitor over as
 * `customData`, as docs/paddle.md has it.
 */
document.querySelector('.pay').addEventListener('formdata', ({ formData }) => {
  const visitor = /(?:^|; )datafast_visitor_id=([^;]+)/.exec(document.cookie)?.[1]
  if (visitor) formData.set('custom_data', JSON.stringify({ datafast_visitor_id: visitor }))
})
