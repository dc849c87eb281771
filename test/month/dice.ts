/** A source of chance that is the same for the same seed, on every machine: a month that went wrong can be lived through again. */
export class Dice {
  private state: number

  constructor(seed: number) {
    this.state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) | 0
  }

  /** From 0 to 1, without 1. Mulberry32. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }

  /** Whether something of that chance, from 0 to 1, comes to pass. */
  chance(share: number): boolean {
    return this.next() < share
  }

  /** A whole number, both ends included. */
  between(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1))
  }

  /** Mostly near `from`, now and then near `to`: as waits are in life. */
  skewed(from: number, to: number): number {
    return Math.round(from + (to - from) * this.next() ** 4)
  }

  pick<Item>(items: readonly [Item, ...Item[]]): Item {
    return items[Math.floor(this.next() * items.length)] ?? items[0]
  }

  /** One of several words, each as likely as its number says. */
  weighed<Word extends string>(weights: Readonly<Record<Word, number>>): Word {
    const words = Object.entries<number>(weights)
    let left = this.next() * words.reduce((sum, [, weight]) => sum + weight, 0)
    for (const [word, weight] of words) {
      left -= weight
      if (left < 0) return word as Word
    }
    return words[0]?.[0] as Word
  }

  /** Random bytes, for whoever makes ids of them. */
  fill<Bytes extends Uint8Array>(bytes: Bytes): Bytes {
    for (let place = 0; place < bytes.length; place++) bytes[place] = this.between(0, 255)
    return bytes
  }

  /** A UUID of version 4. */
  uuid(): `${string}-${string}-${string}-${string}-${string}` {
    const hex = Buffer.from(this.fill(new Uint8Array(16))).toString('hex')
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`
  }
}
