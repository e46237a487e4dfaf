import { readRecording } from '@bbb-activity/simulator/recording';
import { RECORDING_NAMES, recordingPath } from '@bbb-activity/simulator/recording-path';
import { encodeDelivery } from '@bbb-activity/simulator/webhook-delivery';

export const FORMS = ['bbb form', 'json', 'xml', 'form', 'modern json', 'modern form'] as const;
export type Form = (typeof FORMS)[number];

export interface FuzzBody {
  readonly form: Form;
  readonly bytes: Buffer;
}

const TIME = 1_795_471_486_914;
const IDS = { meetingID: 'ext-1', internalMeetingID: 'int-1', userID: '42', internalUserID: 'w_1', username: 'Ada' };
const NAMES = [
  'user_joined',
  'user_left',
  'reaction',
  'poll_started',
  'meeting_ended',
  'user-cam-broadcast-start',
  'chat_message',
];
const XML = Object.entries(IDS)
  .map(([name, value]) => `<${name}>${value}</${name}>`)
  .join('');

const MODERN = [
  {
    provider: 'bbb',
    meeting_id: 'ext-1',
    title: 'A room',
    status: 'running',
    record: 1,
    c_id: 7,
    closed_at: TIME,
    video_url: 'https://x.example.org/',
  },
  { provider: 'bbb', meeting_id: 'ext-1', recording_url: 'https://x.example.org/r', format_type: 'video' },
  { provider: 'bbb', meeting_id: 'ext-1', participant_id: 42, action: 'join', timestamp: TIME, in_at: TIME },
  {
    provider: 'bbb',
    meeting_id: 'ext-1',
    participant_id: 42,
    event: 'signature',
    activity_data: { a: [1, 'b'] },
    signature_file: 'c2ln',
  },
];

/** Deliveries that are right, of every form that is taken: the recorded ones, one for each name of an event, and some of each other form. */
export async function validBodies(): Promise<readonly FuzzBody[]> {
  const bodies: FuzzBody[] = [];
  const add = (form: Form, text: string) => bodies.push({ form, bytes: Buffer.from(text) });
  const seen = new Set<string>();
  for (const name of RECORDING_NAMES) {
    for (const { body, delivery } of await readRecording(recordingPath(name))) {
      const names = delivery.events.map(({ data }) => data.id).join();
      if (seen.has(names)) continue;
      seen.add(names);
      add('bbb form', body);
      add('json', JSON.stringify(delivery.events));
      add('bbb form', encodeDelivery({ ...delivery, events: [...delivery.events, ...delivery.events] }));
    }
  }
  for (const name of NAMES) {
    const flat = { ...IDS, event: { name }, timestamp: TIME, emoji: '👍' };
    add('json', JSON.stringify(flat));
    add('json', JSON.stringify({ header: { name, timestamp: TIME }, payload: { meeting: IDS, user: IDS } }));
    add('xml', `<?xml version="1.0"?><webhook><event><name>${name}</name></event>${XML}<timestamp>${TIME}</timestamp></webhook>`);
    add('xml', `<events><event><name>${name}</name>${XML}</event><event><![CDATA[<b>&amp;]]></event></events>`);
    add('form', new URLSearchParams({ ...IDS, event: name, timestamp: String(TIME) }).toString());
    add(
      'form',
      `header[name]=${name}&payload[meeting][externalMeetingID]=ext-1&payload%5Buser%5D%5BinternalUserID%5D=w_1&x[]=1&x[]=2`,
    );
  }
  for (const told of MODERN) {
    add('modern json', JSON.stringify(told));
    const texts = Object.entries(told).map(([name, value]): [string, string] => [
      name,
      typeof value === 'object' ? JSON.stringify(value) : String(value),
    ]);
    add('modern form', new URLSearchParams(texts).toString());
  }
  return bodies;
}
