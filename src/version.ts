/** As in package.json, which a test compares: JSON could be imported by a bundler alone, and the programs in cli/ run as they stand. */
export const version = '0.1.0'
