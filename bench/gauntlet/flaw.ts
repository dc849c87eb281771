/** What a handler did wrong, in a few words that follow a colon. Anything else that is thrown is a fault of the gauntlet. */
export class Flaw extends Error {}
