import { randomBytes } from 'node:crypto';
import { bbbBody } from '../bbb-sender.js';

/** Told apart from every other run. */
export const run = `${randomBytes(5).toString('hex')}x`;
/** The name of an event that nobody knows: the one word of a body that the log holds (docs/privacy.md). */
export const UNHEARD_OF = `unheard-${run}`;
/** What may be found nowhere: of no event, in no form, however broken. */
export const SECRET = {
  chat: `chat-${run}`,
  notes: `notes-${run}`,
  caption: `caption-${run}`,
  answer: `answer-${run}`,
  moderator: `mod-${run}`,
  viewer: `view-${run}`,
  attendee: `att-${run}`,
  token: `token-${run}`,
  address: `2001:db8:${run.slice(0, 4)}:${run.slice(4, 8)}::7`,
  agent: `Agent-${run}/5.0`,
  referer: `https://referer-${run}.example.com/`,
  metadata: `meta-${run}`,
  dial: `dial-${run}`,
  bearer: `bearer-${run}`,
};
export const PERSON = { id: `person-${run}`, name: `Grace ${run}`, connection: `w_${run}` };
export const MEETING = `meeting-${run}`;

/** An event as a BBB server writes it, with what it tells of a person beside their ids. */
export const told = (id: string, user: object, more: object = {}, meeting: object = {}) => ({
  data: {
    type: 'event',
    id,
    attributes: {
      meeting: { 'internal-meeting-id': MEETING, 'external-meeting-id': `room-${run}`, ...meeting },
      user: {
        'ip-address': SECRET.address,
        'user-agent': SECRET.agent,
        'session-token': SECRET.token,
        referer: SECRET.referer,
        ...user,
      },
      ...more,
    },
    event: { ts: Date.now() },
  },
});
export const grace = { 'internal-user-id': PERSON.connection, 'external-user-id': PERSON.id, name: PERSON.name };

/** An event of each sort that carries something private, as a BBB server writes them. */
const bbbEvents = () => [
  told(
    'meeting-created',
    {},
    {},
    {
      name: 'Room',
      'moderator-pass': SECRET.moderator,
      'viewer-pass': SECRET.viewer,
      attendeePW: SECRET.attendee,
      'dial-number': SECRET.dial,
      metadata: { 'bbb-context': SECRET.metadata },
    },
  ),
  told('user-joined', { ...grace, userdata: { told: SECRET.metadata } }),
  told('user-cam-broadcast-start', { ...grace, stream: `${PERSON.connection}_camera` }),
  told(
    'chat-group-message-sent',
    {},
    {
      'chat-message': { id: '1', message: SECRET.chat, sender: { ...grace, time: Date.now() } },
    },
  ),
  told('pad-content', {}, { pad: { id: 'notes', body: SECRET.notes } }),
  told('transcript-updated', {}, { transcript: SECRET.caption }),
  told('poll-responded', grace, { poll: { answers: [SECRET.answer] } }),
  told('something-unheard-of', grace, { text: SECRET.chat }),
  told(UNHEARD_OF, grace, { text: SECRET.chat }),
];

export const flatEvent = (more: object = {}) => ({
  event: 'chat-message-posted',
  meetingID: `flat-${run}`,
  userID: PERSON.id,
  username: PERSON.name,
  message: SECRET.chat,
  password: SECRET.moderator,
  attendeePW: SECRET.attendee,
  token: SECRET.token,
  ip: SECRET.address,
  timestamp: Date.now(),
  ...more,
});
const xml = (fields: object) =>
  `<event>${Object.entries(fields)
    .map(([name, value]) => `<${name}>${value}</${name}>`)
    .join('')}</event>`;
export const JSON_TYPE = { 'content-type': 'application/json' };

/** Whole deliveries: in every form, and broken in every way. */
export function deliveries(): { body: string | Buffer; headers?: Record<string, string> }[] {
  const one = flatEvent();
  const nested = {
    header: { name: 'user-joined', timestamp: Date.now() },
    payload: {
      meeting: { externalMeetingID: `flat-${run}`, moderatorPW: SECRET.moderator, attendeePW: SECRET.attendee },
      user: { externalUserID: PERSON.id, name: PERSON.name, ip: SECRET.address, userAgent: SECRET.agent },
      text: SECRET.notes,
    },
  };
  const form = new URLSearchParams(Object.entries(one).map(([name, value]): [string, string] => [name, String(value)]));
  const everything = Object.values(SECRET).join(' ');
  return [
    { body: bbbBody(bbbEvents()) },
    { body: JSON.stringify({ events: bbbEvents() }), headers: JSON_TYPE },
    { body: JSON.stringify(bbbEvents()), headers: JSON_TYPE },
    { body: JSON.stringify(one), headers: JSON_TYPE },
    { body: JSON.stringify(nested), headers: JSON_TYPE },
    { body: form.toString() },
    { body: xml(one), headers: { 'content-type': 'application/xml' } },
    // Nothing of these can be read, as a whole or in part.
    { body: `{"event": "${everything}`, headers: JSON_TYPE },
    { body: `<event><name>${everything}</event>`, headers: { 'content-type': 'text/xml' } },
    { body: Buffer.concat([Buffer.from(everything), Buffer.from([0xff, 0xfe])]), headers: JSON_TYPE },
    { body: JSON.stringify({ words: everything }), headers: JSON_TYPE },
    { body: bbbBody([{ data: { id: 'user-joined', attributes: { user: { name: everything } } } }, everything, null]) },
    { body: bbbBody([told('user-joined', { ...grace, 'internal-user-id': everything.repeat(9) })]) },
    {
      body: bbbBody([
        told('user-joined', { ...grace, name: PERSON.name }, { text: SECRET.notes }, { 'internal-meeting-id': {} }),
      ]),
    },
    { body: `event=${encodeURIComponent(everything)}&checksum=${SECRET.token}` },
    { body: everything.repeat(20_000) },
  ];
}
