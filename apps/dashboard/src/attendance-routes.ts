import { type AttendanceRow, attendance } from '@bbb-activity/store/attendance';
import type { Store } from '@bbb-activity/store/client';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { ApiError } from './answers.js';
import { scopeOf } from './caller.js';
import { timesOf } from './meeting-filter.js';
import { AttendanceQuerySchema, AttendanceSchema } from './schemas/attendance.js';
import { COMMON_ERRORS, ErrorSchema } from './schemas/common.js';
import { isoOf, shareOf } from './told-meetings.js';

/** Who was in which meeting. */
export const attendanceRoutes: FastifyPluginAsyncTypebox<{ readonly store: Store }> = async (app, { store }) => {
  app.get(
    '/api/attendance',
    {
      config: { access: 'reader' },
      schema: {
        summary: 'Attendance in all meetings of a room, or of a person',
        operationId: 'getAttendance',
        querystring: AttendanceQuerySchema,
        response: { 200: AttendanceSchema, 400: ErrorSchema, ...COMMON_ERRORS },
      },
    },
    async (request) => {
      const now = Date.now();
      const { accessUrlId, remoteId, person, ...times } = request.query;
      const of = remoteId !== undefined ? { remoteId } : person !== undefined ? { person } : null;
      if (of === null || (remoteId !== undefined && person !== undefined)) {
        throw new ApiError(400, 'bad_request', 'either remoteId or person');
      }
      const query = { accessUrlId, of, ...timesOf(times) };
      const { meetings, people, truncated } = await attendance(store, scopeOf(request), query, now);
      const lengths = meetings.map(({ durationSeconds }) => durationSeconds);
      const title = remoteId !== undefined ? (meetings.at(-1)?.title ?? remoteId) : (people[0]?.name ?? person ?? '');
      return {
        title,
        meetings: meetings.map(({ id, remoteId: room, title: name, createdAt, closedAt, durationSeconds }) => ({
          id,
          remoteId: room,
          title: name,
          createdAt: createdAt.toISOString(),
          closedAt: closedAt?.toISOString() ?? null,
          durationSeconds,
        })),
        people: people.map((row) => toldRow(row, lengths)),
        truncated,
        at: isoOf(now),
      };
    },
  );
};

function toldRow({ externalUserId, name, expected, onlineSeconds }: AttendanceRow, lengths: readonly number[]) {
  const cells = onlineSeconds.map((seconds, index) =>
    seconds === null ? null : { onlineSeconds: seconds, share: shareOf(seconds, lengths[index] ?? 0) },
  );
  const total = onlineSeconds.reduce<number>((sum, seconds) => sum + (seconds ?? 0), 0);
  const all = lengths.reduce((sum, seconds) => sum + seconds, 0);
  return {
    externalUserId,
    name,
    expected,
    cells,
    meetings: cells.filter((cell) => cell !== null).length,
    onlineSeconds: total,
    share: total === 0 ? 0 : shareOf(total, all),
  };
}
