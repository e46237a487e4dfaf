import { applyBatch } from '@bbb-activity/store/apply-batch';
import { rebuildAll } from '@bbb-activity/store/rebuild-all';
import type { Difference } from '@bbb-activity/store/rebuild-occurrence';
import { createStore, emptyTables, event, type StoreFixture } from './store-fixture.js';

const ACTIVITY = {
  event: 'signed',
  type: 'attendance',
  inAt: 6_000,
  outAt: null,
  close: null,
  activityData: 'page 2',
  signatureFile: null,
  signedAt: null,
};
/** Every sort of row: two persons, one of them through a tie, an activity, a recording, facts, a room that goes on, a flat room. */
export const STORY = [
  event({ kind: 'meeting_created', at: 500, details: { meeting: { title: 'Algebra' } } }),
  event({ kind: 'joined', at: 1_000, via: 'w_a', user: '42', name: 'Kim Secret' }),
  event({ kind: 'message', at: 2_000, via: 'w_a' }),
  event({ kind: 'talk_started', at: 3_000, via: 'w_a' }),
  event({ kind: 'joined', at: 4_000, via: 'w_b' }),
  event({ kind: 'activity', at: 6_000, user: '42', details: { signedSeconds: 6, activity: ACTIVITY } }),
  event({
    kind: 'recording_announced',
    at: 7_000,
    details: { recording: { url: 'https://bbb.example/1', formatType: 'presentation' } },
  }),
  event({ kind: 'joined', at: 1_000, meeting: null, room: 'flat', user: '42' }),
  event({ kind: 'meeting_ended', at: 2_000, meeting: null, room: 'flat' }),
  event({ kind: 'joined', at: 3_000, meeting: null, room: 'flat', user: '43' }),
];

/** Statements, as texts, that find the story's meeting with an internal id, and one of its persons. */
export const INTERNAL = `(SELECT id FROM conference_meeting WHERE internal_meeting_id = 'm1')`;
export const PERSON = `(SELECT id FROM participant WHERE person_key = '42' AND meeting_id = ${INTERNAL})`;

const TABLES = ['conference_meeting', 'conference_identity', 'participant', 'conference_activity', 'conference_recording'];

/** A database that holds the story, to be changed by hand. */
export class ToldStory {
  readonly fixture: StoreFixture;

  private constructor(fixture: StoreFixture) {
    this.fixture = fixture;
  }

  static async create(): Promise<ToldStory> {
    return new ToldStory(await createStore());
  }

  /** Empties the tables and applies the story. */
  async tell(): Promise<void> {
    await emptyTables(this.fixture.store);
    await applyBatch(this.fixture.store, STORY, { policy: 'register' });
  }

  async sql(statement: string): Promise<void> {
    await this.fixture.store.prisma.$executeRawUnsafe(statement);
  }

  /** Id of the meeting with an internal id. */
  async meetingId(): Promise<bigint> {
    return (await this.fixture.store.prisma.conferenceMeeting.findFirstOrThrow({ where: { internalMeetingId: 'm1' } })).id;
  }

  async differences(dryRun: boolean): Promise<Difference[]> {
    const all: Difference[] = [];
    for await (const report of rebuildAll(this.fixture.store, { dryRun })) all.push(...report.differences);
    return all;
  }

  /** Every row with the id of the transaction that wrote it. */
  versions(): Promise<unknown[]> {
    return Promise.all(
      TABLES.map((table) =>
        this.fixture.store.prisma.$queryRawUnsafe(
          `SELECT xmin::text, ctid::text, to_jsonb(t) AS row FROM ${table} t ORDER BY ctid`,
        ),
      ),
    );
  }

  close(): Promise<void> {
    return this.fixture.close();
  }
}
