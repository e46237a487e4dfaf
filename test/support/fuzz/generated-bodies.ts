import fc from 'fast-check';
import type { Form, FuzzBody } from './valid-bodies.js';

const NAMES = [
  'data', 'event', 'events', 'header', 'name', 'id', 'attributes', 'meeting', 'user', 'payload', 'meetingID', 'internalMeetingID', 'userID', 'username', 'timestamp', 'ts', 'emoji',
  'chat-message', 'sender', 'provider', 'meeting_id', 'participant_id', 'action', 'record', 'activity_data', 'access_url_id', 'internal-meeting-id', 'external-meeting-id', 'internal-user-id',
  '__proto__', 'constructor', 'toString',
]; // biome-ignore format: a list of words
const WORDS = [
  'user-joined',
  'user_left',
  'meeting-ended',
  'user-emoji-changed',
  'chat-group-message-sent',
  'bbb',
  'join',
  'ext-1',
  'w_1',
  '1795471486914',
  '',
  '[]',
  '{"event":"x"}',
];

const name = fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...NAMES) }, fc.string({ unit: 'binary', maxLength: 12 }));
const leaf = fc.oneof(
  fc.constantFrom<unknown>(...WORDS),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.double(),
  fc.maxSafeInteger(),
  fc.constantFrom<unknown>(null, true, false, 1795471486914),
);
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5 },
    leaf,
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.array(fc.tuple(name, tie('tree')), { maxLength: 5 }).map((entries) => Object.fromEntries(entries)),
  ),
}));

const plain = fc.oneof(fc.constantFrom(...WORDS), fc.string({ unit: 'binary', maxLength: 30 }));
const spelled = fc.oneof(
  plain.map(encoded),
  fc.string({ unit: fc.constantFrom('%', '0', 'f', '+', '&', '=', '[', ']', 'a'), maxLength: 20 }),
);
const formName = fc
  .tuple(name, fc.array(fc.constantFrom(...NAMES, '', '0'), { maxLength: 9 }))
  .map(([first, way]) => `${encoded(first)}${way.map((step) => `[${step}]`).join('')}`);
const formText = fc
  .array(fc.tuple(formName, spelled), { maxLength: 12 })
  .map((pairs) => pairs.map((pair) => pair.join('=')).join('&'));

const { element } = fc.letrec<{ element: string }>((tie) => ({
  element: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(...WORDS, '<![CDATA[<b>]]>', '&amp;', '&#233;', '&x;', '<!-- c -->', '<?pi x?>', '<!DOCTYPE a>', '&#x0;'),
    fc
      .tuple(fc.constantFrom(...NAMES.filter((word) => /^[a-z]/i.test(word))), fc.array(tie('element'), { maxLength: 4 }))
      .map(([tag, inner]) => `<${tag}>${inner.join('')}</${tag}>`),
  ),
}));

const BY_FORM: Readonly<Record<Form, fc.Arbitrary<string>>> = {
  'bbb form': fc
    .tuple(tree, fc.constantFrom('1795471486914', '', '-1', '1e99'))
    .map(([events, timestamp]) => new URLSearchParams({ domain: 'x', event: JSON.stringify(events), timestamp }).toString()),
  json: tree.map((value) => JSON.stringify(value)),
  xml: fc.array(element, { maxLength: 6 }).map((inner) => `<webhook>${inner.join('')}</webhook>`),
  form: formText,
  'modern json': fc
    .dictionary(fc.constantFrom(...NAMES), tree)
    .map((fields) => JSON.stringify({ provider: 'bbb', meeting_id: 'ext-1', ...fields })),
  'modern form': formText.map((text) => `provider=bbb&meeting_id=ext-1&${text}`),
};

/** So many bodies of every form, made up from nothing but the forms' rules and names. The same for the same seed. */
export function generatedBodies(seed: number, count: number): readonly FuzzBody[] {
  const forms = Object.keys(BY_FORM) as Form[];
  const each = Math.ceil(count / forms.length);
  const lists = forms.map((form, index) =>
    fc.sample(BY_FORM[form], { seed: seed + index, numRuns: each }).map((text) => ({ form, bytes: Buffer.from(text) })),
  );
  return lists.flat().slice(0, count);
}

/** As a sender's library would, but with what cannot be encoded left as it is. */
function encoded(text: string): string {
  return /\p{Surrogate}/u.test(text) ? text : encodeURIComponent(text);
}
