import type { PlainWord } from '../../words/catalogue.js';
import type { Words } from '../../words/words-context.js';

/** What the server says of a line (apps/dashboard/src/roster-csv.ts), by how it begins. */
const LINES: readonly (readonly [string, PlainWord])[] = [
  ['the user id is missing', 'rosterFault.idMissing'],
  ['the user id is longer', 'rosterFault.idLong'],
  ['the name is longer', 'rosterFault.nameLong'],
  ['the user id holds', 'rosterFault.idOdd'],
  ['the name holds', 'rosterFault.nameOdd'],
  ['the user id is not UTF-8', 'rosterFault.notUtf8'],
  ['the name is not UTF-8', 'rosterFault.notUtf8'],
];

/** Why a roster was refused, in the reader's words, by its lines; null where it was refused for another reason. */
export function rosterFaultText(message: string, t: Words['t']): string | null {
  if (message.startsWith('line 1 must name')) return t('rosterFault.head');
  if (message.startsWith('this is no CSV')) return t('rosterFault.noCsv');
  const told = message.split('; ').map((part) => partText(part, t));
  return told.includes(null) ? null : told.join('; ');
}

function partText(part: string, t: Words['t']): string | null {
  const more = /^and (\d+) more$/.exec(part);
  if (more !== null) return t('rosterFault.more', { count: Number(more[1]) });
  const [, line, what] = /^line (\d+): (.*)$/.exec(part) ?? [];
  const word = LINES.find(([beginning]) => what?.startsWith(beginning))?.[1];
  return line === undefined || word === undefined ? null : t('rosterFault.line', { line, what: t(word) });
}
