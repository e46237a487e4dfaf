/**
 * Whether a text tells one of the words as a whole, also where it is encoded as a form or a URL. A word stands whole where no letter,
 * digit, `-` or `_` goes on before or after it: an id of `42` is not in `1742`. For evidence that could not be read, so that nobody
 * knows its fields.
 */
export function mentions(text: string, words: readonly string[]): boolean {
  const readings = [text, decoded(text)];
  return words.some((word) => {
    const whole = new RegExp(`(?<![\\p{L}\\p{N}_-])${quoted(word)}(?![\\p{L}\\p{N}_-])`, 'u');
    return readings.some((reading) => whole.test(reading));
  });
}

/** What is cut or badly encoded stays as it is, piece by piece. */
function decoded(text: string): string {
  return text
    .replaceAll('+', ' ')
    .replace(/(?:%[0-9a-f]{2})+/gi, (encoded) => Buffer.from(encoded.replaceAll('%', ''), 'hex').toString('utf8'));
}

function quoted(word: string): string {
  return word.replace(/[.*+?^${}()|[\]\\/-]/g, (sign) => (sign === '-' ? '\\x2d' : `\\${sign}`));
}
