import type { ApiError } from '../../../../src/schemas/common.js';
import type { RosterError, RosterProblem } from '../../../../src/schemas/rosters.js';
import type { PlainWord } from '../../words/catalogue.js';
import type { Words } from '../../words/words-context.js';

const WORDS: Readonly<Record<RosterProblem['code'], PlainWord>> = {
  no_csv: 'rosterFault.noCsv',
  no_id_column: 'rosterFault.noIdColumn',
  too_many_people: 'rosterFault.tooMany',
  id_missing: 'rosterFault.idMissing',
  id_too_long: 'rosterFault.idLong',
  id_unkeepable: 'rosterFault.idOdd',
  name_too_long: 'rosterFault.nameLong',
  name_unkeepable: 'rosterFault.nameOdd',
  not_utf8: 'rosterFault.notUtf8',
};

/** Why a roster was refused, in the reader's words, by its lines; null where it was refused for another reason. */
export function rosterFaultText(told: ApiError | RosterError | null, t: Words['t']): string | null {
  if (told === null || !('problems' in told) || told.problems === undefined) return null;
  const parts = told.problems.map(({ line, code }) => {
    const what = t(WORDS[code]);
    return line === null ? what : t('rosterFault.line', { line, what });
  });
  const more = told.furtherProblems ?? 0;
  return [...parts, ...(more > 0 ? [t('rosterFault.more', { count: more })] : [])].join('; ');
}
