import type { AttendanceMeeting, AttendanceRow } from '../../../../src/schemas/attendance.js';
import { shareOf } from '../attendance-rule.js';

/** Of each meeting, in their order; null where the person was absent. */
export function sharesOf(meetings: readonly AttendanceMeeting[], cells: AttendanceRow['cells']): readonly (number | null)[] {
  return cells.map((cell, index) => cell && shareOf(cell.onlineSeconds, meetings[index]?.durationSeconds ?? 0));
}

/** Of the time of all the meetings: 0 of who was in none. */
export function shareOfAll(meetings: readonly AttendanceMeeting[], onlineSeconds: number): number {
  const all = meetings.reduce((sum, { durationSeconds }) => sum + durationSeconds, 0);
  return onlineSeconds === 0 ? 0 : shareOf(onlineSeconds, all);
}
