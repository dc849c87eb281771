/**
 * What the providers' own SDKs and the standard call signed, and when. Each vector is data from the place named beside it;
 * none of the secrets opens anything. A Standard Webhooks vector has its id and time in headers of their own.
 */

/** stripe/stripe-node test/crypto/helpers.ts: the bare HMAC of a text, in hex, as Creem and Lemon Squeezy sign bodies. */
export const BODY_SECRET = 'test_secret'
export const BODY_VECTORS = [
  { body: '', hex: 'f7f9bd47fb987337b5796fdc1fdb9ba221d0d5396814bfcaf9521f43fd8927fd' },
  { body: '{"obj1":"hello","obj2":"world"}', hex: 'bebb1a643997f419b315ddba19e6f5411e1ce7f810ba6d3617ce72823092f363' },
  { body: '😀', hex: '837da296d05c4fe31f61d5d7ead035099d9585a5bcde87de952012a78f0b0c43' },
]

/**
 * Our own, computed with node:crypto: a body that begins with a line break and has a tab in it, as the recorded body of
 * NdoleStudio/lemonsqueezy-go (internal/stubs/webhook.go) does, whose secret this is.
 */
export const LEMON_SQUEEZY = {
  secret: 'signing-secret',
  body: '\n{\n  "meta": {\n    "event_name": "order_created",\n\t"custom_data": {\n      "customer_id": 25\n    }\n  }\n}\n',
  hex: '37efa0df1be1a313820068cb5d06637688f6350ce1091556467c89693253a04c',
}

/** Payload and secret of stripe/stripe-node test/Webhook.spec.ts; the header is what the SDK 23.1.0 makes of them. */
export const STRIPE = {
  secret: 'whsec_test_secret',
  body: '{\n  "id": "evt_test_webhook",\n  "object": "event"\n}',
  header: 't=1700000000,v1=4f1cd7feda9826e746b7d482c4badebb657398df1099e1046364f6196a230150',
  time: 1_700_000_000,
}

const PADDLE_HEADER = 'ts=1698796800;h1=a300428748dce5c70e4da19bffd60769591ea969c99dea3105d0ec9612cf43f9'

/**
 * PaddleHQ/paddle-node-sdk src/__tests__/notifications/webhooks-validator.node.test.ts, and the last one
 * PaddleHQ/paddle-go-sdk example_webhook_verifier_test.go. `now`: the clock of whoever checks, in seconds.
 */
export const PADDLE_VECTORS = [
  {
    says: 'a signed body',
    secret: 'VALID_SECRET',
    body: '{"data": ["1", "2"]}',
    header: PADDLE_HEADER,
    now: 1_698_796_800,
    expected: 'authentic',
  },
  {
    says: 'the same signature twice, and one of another version',
    secret: 'VALID_SECRET',
    body: '{"data": "value"}',
    header:
      'ts=1698796800;h1=28981e941fae76e53db32f3d2a83cb69db41476595e84e1970a1b5d98f62b261;h1=28981e941fae76e53db32f3d2a83cb69db41476595e84e1970a1b5d98f62b261;h2=RANDOM_HASH',
    now: 1_698_796_800,
    expected: 'authentic',
  },
  {
    says: 'another secret',
    secret: 'INVALID_VALID_SECRET',
    body: '{"data": ["1", "2"]}',
    header: PADDLE_HEADER,
    now: 1_698_796_800,
    expected: 'signature-wrong',
  },
  {
    says: 'another time',
    secret: 'VALID_SECRET',
    body: '{"data": ["1", "2"]}',
    header: PADDLE_HEADER.replace('1698796800', '9876'),
    now: 1_698_796_800,
    expected: 'signature-stale',
  },
  {
    says: 'another time that is recent enough',
    secret: 'VALID_SECRET',
    body: '{"data": ["1", "2"]}',
    header: PADDLE_HEADER.replace('1698796800', '1698796801'),
    now: 1_698_796_800,
    expected: 'signature-wrong',
  },
  {
    says: 'a body with other spaces',
    secret: 'VALID_SECRET',
    body: '{ "data": [ "1", "2" ]}',
    header: PADDLE_HEADER,
    now: 1_698_796_800,
    expected: 'signature-wrong',
  },
  {
    // The SDK allows 5 s, and calls this one stale.
    says: 'six seconds late, which is in time here: the limit is 300 s for everybody',
    secret: 'VALID_SECRET',
    body: '{"data": ["1", "2"]}',
    header: PADDLE_HEADER,
    now: 1_698_796_806,
    expected: 'authentic',
  },
  {
    says: 'a whole notification, with a real secret’s shape',
    secret: 'pdl_ntfset_01hsdn8d43dt7mezr1ef2jtbaw_hKkRiCGyyRhbFwIUuqiTBgI7gnWoV0Gr',
    body: '{"data":{"id":"pri_01hsdn96k2hxjzsq5yerecdj9j","name":null,"status":"active","quantity":{"maximum":999999,"minimum":1},"tax_mode":"account_setting","product_id":"pro_01hsdn8qp7yydry3x1yeg6a9rv","unit_price":{"amount":"1000","currency_code":"USD"},"custom_data":null,"description":"testing","import_meta":null,"trial_period":null,"billing_cycle":{"interval":"month","frequency":1},"unit_price_overrides":[]},"event_id":"evt_01hsdn97563968dy0szkmgjwh3","event_type":"price.created","occurred_at":"2024-03-20T10:07:35.590857Z","notification_id":"ntf_01hsdn977e920kbgzt6r6c9rqc"}',
    header: 'ts=1710929255;h1=6c05ef8fa83c44d751be6d259ec955ce5638e2c54095bf128e408e2fce1589c8',
    now: 1_710_929_255,
    expected: 'authentic',
  },
] as const

/** What all of these sign: standard-webhooks/standard-webhooks libraries/javascript/src/webhook.test.ts. */
export const STANDARD = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', time: 1_614_265_330, body: '{"test": 2432232314}' }

export const STANDARD_VECTORS = [
  {
    says: 'the standard’s own vector: the key is what follows whsec_, decoded',
    secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  },
  // The other two were computed by Polar's older rule, and confirmed with standardwebhooks 1.1.1 (format `raw`).
  {
    says: 'Polar’s older rule: the same text as it stands',
    secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    signature: 'v1,TcxlhK9b6UD6iVI1ZU2tTqp8PEVfYRseNNfa6b+LcUg=',
  },
  {
    says: 'Polar’s older rule, with a secret of its older form',
    secret: 'polar_whs_test_secret',
    signature: 'v1,BBwRXiZvsrFFzj2+oPyGRH794X7HEQViXuC6GFX4bU8=',
  },
]
