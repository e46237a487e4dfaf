import { pipeline, Readable } from 'node:stream';
import type { MeetingPeople } from '@bbb-activity/store/participant-queries';
import { stringify } from 'csv-stringify';
import { EXPORT_COLUMNS, participantRows, sessionRows } from './export-rows.js';
import type { ExportQuery } from './schemas/exports.js';
import { toldMeeting, toldPeople } from './told-meetings.js';

const DELIMITERS = { comma: ',', semicolon: ';', tab: '\t' } as const;

export interface ExportOptions {
  readonly rows: NonNullable<ExportQuery['rows']>;
  readonly separator: NonNullable<ExportQuery['separator']>;
  /** Unix ms up to which open sessions count. */
  readonly now: number;
}

/**
 * Meetings as a CSV: UTF-8 with byte order mark, CRLF, quoted where RFC 4180 asks for it. A cell that a spreadsheet would take for a formula gets an
 * apostrophe in front. Reads on only as fast as somebody takes what was read.
 */
export function csvStream(meetings: AsyncIterable<MeetingPeople>, { rows, separator, now }: ExportOptions): Readable {
  const rowsOf = rows === 'session' ? sessionRows : participantRows;
  const cells = Readable.from(
    (async function* () {
      for await (const meeting of meetings) yield* rowsOf(meeting, now);
    })(),
  );
  const csv = stringify({
    bom: true,
    header: true,
    columns: [...EXPORT_COLUMNS[rows]],
    delimiter: DELIMITERS[separator],
    record_delimiter: '\r\n',
    escape_formulas: true,
  });
  // What fails before ends the stream with its error; who reads it is told by that.
  return pipeline(cells, csv, () => undefined);
}

/** Meetings as `{ "items": [{ "meeting": …, "participants": … }] }`, a meeting at a time. */
export function jsonStream(meetings: AsyncIterable<MeetingPeople>, now: number): Readable {
  return Readable.from(
    (async function* () {
      let before = '{"items":[\n';
      for await (const found of meetings) {
        yield `${before}${JSON.stringify({ meeting: toldMeeting(found.meeting), ...toldPeople(found, now) })}`;
        before = ',\n';
      }
      yield before.startsWith(',') ? '\n]}\n' : '{"items":[]}\n';
    })(),
    { objectMode: false },
  );
}
