/** Where something is left out: "<your key>", "{KEY}", "sk_live_...", or a key as a dashboard masks it. */
const GAP = '<[\\w\\s’-]*>|\\{+[\\w\\s’-]*}+|\\.{3}|…|•+|\\*{4,}|x{8,}'
const HAS_GAP = new RegExp(GAP, 'i')
/** All of it, or all behind a prefix: what somebody made up may hold anything. */
const IS_GAP = new RegExp(`^(\\w+_)?(${GAP})$`, 'i')

/** No value at all, put into words. */
const NOTHING = /^([\W_]{1,5}|n\/?a|false|off|example|sample|dummy|fake(-key)?)$/i

/**
 * Words that stand for a value, and words that stand around those. A key of a provider has a long part that no words make up;
 * keys of tests are often called fake or dummy behind the right prefix, and somebody means to use them.
 */
const STAND_IN = 'replace|change|your|paste|insert|enter|todo|tbd|here|not|none|null|undefined|unused|unset|empty|placeholder|x{3,7}(?!x)'
const AROUND =
  'me|my|an?|the|this|of|for|and|to|be|with|set|used|real|own|api|key|secret|token|access|webhook|signing|value|live|test|sk|rk|dft?|whsec|polar|oat|whs|pdl|sdbx|ntfset|creem|stripe|dodo|payments|lemon|squeezy|gumroad|paddle|datafast'

const STANDS_IN = new RegExp(STAND_IN, 'i')
const WORDS = new RegExp(`^(${STAND_IN}|${AROUND}|[\\W_])+$`, 'i')

/**
 * Whether a secret was left as somebody wrote it for an example ("replace-me", "sk_live_your_key", "none", the prefix alone).
 * @param isOwn - whether it may be of the founder's own making: then it may hold any sign, and is none unless all of it says so
 */
export function isPlaceholder(text: string, isOwn = false): boolean {
  return (isOwn ? IS_GAP : HAS_GAP).test(text) || NOTHING.test(text) || (WORDS.test(text) && (text.endsWith('_') || STANDS_IN.test(text)))
}
