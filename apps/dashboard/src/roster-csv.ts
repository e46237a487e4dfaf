import { parse } from 'csv-parse/sync';
import { ApiError } from './answers.js';
import type { PutRoster } from './schemas/rosters.js';

const ID_COLUMNS: ReadonlySet<string> = new Set(['user_id', 'userid', 'external_user_id', 'externaluserid', 'id']);
const NAME_COLUMNS: ReadonlySet<string> = new Set(['name', 'display_name', 'full_name']);
const SEPARATORS = [',', ';', '\t'] as const;

/**
 * A roster from a CSV with a head: a column `user_id`, and if wanted `name`; others are passed over. The separator is the one of the head.
 * That ids and names are sound is the schema's to check (docs/dashboard.md, "Rosters").
 *
 * @throws ApiError where it is no such table
 */
export function rosterOfCsv(text: string): PutRoster {
  const [head, ...lines] = rowsOf(text);
  const columns = (head ?? []).map((column) => column.trim().toLowerCase());
  const idAt = columns.findIndex((column) => ID_COLUMNS.has(column));
  const nameAt = columns.findIndex((column) => NAME_COLUMNS.has(column));
  if (idAt < 0) throw new ApiError(400, 'bad_request', 'the first line must name a column user_id');
  return {
    people: lines.map((line) => ({ externalUserId: line[idAt] ?? '', name: nameAt < 0 ? null : line[nameAt] || null })),
  };
}

function rowsOf(text: string): string[][] {
  const [head = ''] = text.split(/\r?\n/, 1);
  const delimiter = SEPARATORS.find((separator) => head.includes(separator)) ?? ',';
  try {
    return parse(text, { bom: true, delimiter, skip_empty_lines: true, trim: true, relax_column_count: true });
  } catch (error) {
    throw new ApiError(400, 'bad_request', `this is no CSV: ${error instanceof Error ? error.message : String(error)}`);
  }
}
