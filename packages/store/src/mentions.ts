/**
 * How surely a text tells of somebody, or of a meeting, that nobody can read as an event (docs/privacy.md, "What cannot be read").
 *
 * `id`: by an id, where ids stand or where it can be nothing else. `name`: by a name, in the same way. `loose`: a word of theirs stands
 * in it, which may be something else: 7 may be a user or a count.
 */
export type Mention = 'id' | 'name' | 'loose' | 'none';

/** Whom or what to look for. */
export interface Mentioned {
  readonly sort: 'user' | 'meeting';
  readonly ids: readonly string[];
  readonly names: readonly string[];
}

/** Ends of the names of fields in which the events' own parsing finds ids and names, in any spelling (docs/wire.md, "Event forms"). */
const ID_FIELDS = { user: 'user[-_]?id|participant[-_]?id', meeting: 'meeting[-_]?id' };
const NAME_FIELDS = 'name';

export function mentionOf(text: string, { sort, ids, names }: Mentioned): Mention {
  const readings = [...new Set([text, formDecoded(text), unescaped(text), unescaped(formDecoded(text))])];
  const found = (pattern: string, word: string) => {
    const whole = new RegExp(`${pattern}${quoted(word)}(?![\\p{L}\\p{N}_-])`, 'u');
    return readings.some((reading) => whole.test(reading));
  };
  const anywhere = '(?<![\\p{L}\\p{N}_-])';
  if (ids.some((id) => found(inField(ID_FIELDS[sort]), id) || (isOnlyAnId(id) && found(anywhere, id)))) return 'id';
  if (names.some((name) => found(inField(NAME_FIELDS), name) || (isOnlyAName(name) && found(anywhere, name)))) return 'name';
  return [...ids, ...names].some((word) => found(anywhere, word)) ? 'loose' : 'none';
}

/** Before a value: `"userID":"`, `userID=`, `<userID>`, and what a text within a text, or one that is cut, makes of them. */
function inField(ending: string): string {
  return `(?:${anyCase(ending)})\\]?\\\\*["']?\\s*(?:[:=]|>\\s*(?:<!\\[CDATA\\[)?)\\s*\\\\*["']?`;
}

/** Of a pattern's letters: an id itself is told in its own. */
function anyCase(pattern: string): string {
  return pattern.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
}

/** Neither a number nor a word: no text tells it but of the one who has it. */
function isOnlyAnId(id: string): boolean {
  return id.length >= 8 && /\p{L}/u.test(id) && /[\p{N}@]/u.test(id);
}

function isOnlyAName(name: string): boolean {
  return name.length >= 8 && /\S\s+\S/.test(name);
}

/** What is cut or badly encoded stays as it is, piece by piece. */
function formDecoded(text: string): string {
  return text
    .replaceAll('+', ' ')
    .replace(/(?:%[0-9a-f]{2})+/gi, (encoded) => Buffer.from(encoded.replaceAll('%', ''), 'hex').toString('utf8'));
}

/** Of JSON and XML: é may be told as `\u00e9`, `&#233;` or `&#xe9;`. */
function unescaped(text: string): string {
  return text
    .replace(/\\u([0-9a-f]{4})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/&#x([0-9a-f]{1,4});/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/&#([0-9]{1,5});/g, (_, number: string) => String.fromCharCode(Number(number)))
    .replace(/&(amp|lt|gt|quot|apos);/g, (_, name: string) => ENTITIES[name] ?? '');
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function quoted(word: string): string {
  return word.replace(/[.*+?^${}()|[\]\\/-]/g, (sign) => (sign === '-' ? '\\x2d' : `\\${sign}`));
}
