/** A report as JSON that is safe to show: whatever could steer a terminal is written as an escape, and means the same. */
export function plainJson(report: unknown): string {
  return `${JSON.stringify(report, null, 2).replace(/[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}]/gu, asEscape)}\n`
}

function asEscape(character: string): string {
  return Array.from({ length: character.length }, (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')
}
