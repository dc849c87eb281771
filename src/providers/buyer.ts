import * as v from 'valibot'
import { lenient } from '../lenient.ts'

/** Who bought, in the words most providers use. */
export const Buyer = lenient(v.object({ customer_id: lenient(v.string()), email: lenient(v.string()), name: lenient(v.string()) }))

/** What the shop attached to an order: its visitor, perhaps. */
export const Metadata = lenient(v.object({ datafast_visitor_id: lenient(v.string()) }))
