import { parse } from 'csv-parse/sync';
import { ApiError } from './answers.js';
import { MAX_ROSTER, type PutRoster, type RosterError, type RosterProblem } from './schemas/rosters.js';

const ID_COLUMNS: ReadonlySet<string> = new Set(['user_id', 'userid', 'external_user_id', 'externaluserid', 'id']);
const NAME_COLUMNS: ReadonlySet<string> = new Set(['name', 'display_name', 'full_name']);
const SEPARATORS = [',', ';', '\t'] as const;
/** Of an id and of a name, as the schema of a roster has it. */
const MOST_CHARACTERS = 255;
/** So many lines are named; who has mended these sees the next. */
const MOST_TOLD = 5;

/** A problem with the words that name it. */
type Problem = RosterProblem & { readonly text: string };

interface Row {
  readonly cells: readonly string[];
  /** Of the file, from 1; where a cell holds line breaks, that on which the row ends. */
  readonly line: number;
}

/**
 * A roster from a CSV with a head: a column `user_id`, and if wanted `name`; others are passed over. The separator is the one of the head
 * (docs/dashboard.md, "Rosters").
 *
 * @throws ApiError where it is no such table, by the lines that are wrong
 */
export function rosterOfCsv(text: string): PutRoster {
  const [head, ...rows] = rowsOf(text);
  const columns = (head?.cells ?? []).map((column) => column.trim().toLowerCase());
  const idAt = columns.findIndex((column) => ID_COLUMNS.has(column));
  const nameAt = columns.findIndex((column) => NAME_COLUMNS.has(column));
  if (idAt < 0) throw refused([{ line: 1, code: 'no_id_column', text: 'line 1 must name a column user_id' }]);
  if (rows.length > MAX_ROSTER) {
    throw refused([
      { line: null, code: 'too_many_people', text: `a roster holds at most ${MAX_ROSTER} people, this one has ${rows.length}` },
    ]);
  }
  const problems: Problem[] = [];
  const people = rows.map(({ cells, line }) => {
    const externalUserId = cells[idAt] ?? '';
    const name = nameAt < 0 ? null : cells[nameAt] || null;
    const problem = problemOf(externalUserId, name);
    if (problem !== null) problems.push({ line, code: problem.code, text: `line ${line}: ${problem.text}` });
    return { externalUserId, name };
  });
  if (problems.length > 0) throw refused(problems);
  return { people };
}

type Fault = Pick<Problem, 'code' | 'text'>;

function problemOf(externalUserId: string, name: string | null): Fault | null {
  if (externalUserId === '') return { code: 'id_missing', text: 'the user id is missing' };
  return (
    textProblem(externalUserId, 'the user id', 'id_too_long', 'id_unkeepable') ??
    textProblem(name ?? '', 'the name', 'name_too_long', 'name_unkeepable')
  );
}

function textProblem(text: string, what: string, tooLong: Fault['code'], unkeepable: Fault['code']): Fault | null {
  if (text.length > MOST_CHARACTERS) return { code: tooLong, text: `${what} is longer than ${MOST_CHARACTERS} characters` };
  if (text.includes('\0')) return { code: unkeepable, text: `${what} holds a NUL character` };
  // What was read in the place of bytes that are no UTF-8.
  if (text.includes('\uFFFD')) return { code: 'not_utf8', text: `${what} is not UTF-8: save the file as "CSV UTF-8"` };
  return null;
}

function rowsOf(text: string): Row[] {
  const [head = ''] = text.split(/\r?\n/, 1);
  const delimiter = SEPARATORS.find((separator) => head.includes(separator)) ?? ',';
  const rows: Row[] = [];
  try {
    parse(text, {
      bom: true,
      delimiter,
      skip_empty_lines: true,
      trim: true,
      relax_column_count: true,
      on_record(cells: string[], { lines }) {
        rows.push({ cells, line: lines });
        return null;
      },
    });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw refused([{ line: null, code: 'no_csv', text: `this is no CSV: ${why}` }]);
  }
  return rows;
}

function refused(problems: readonly Problem[]): ApiError {
  const told = problems.slice(0, MOST_TOLD);
  const more = problems.length - told.length;
  const message = [...told.map(({ text }) => text), ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
  const details: Pick<RosterError, 'problems' | 'furtherProblems'> = {
    problems: told.map(({ line, code }) => ({ line, code })),
    furtherProblems: more,
  };
  return new ApiError(400, 'bad_request', message, details);
}
