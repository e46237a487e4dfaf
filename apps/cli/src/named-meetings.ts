import type { Store } from '@bbb-activity/store/client';
import { findNamedMeetings, type NamedMeeting } from '@bbb-activity/store/find-meetings';
import { Option } from 'commander';
import { idArgument } from './id-argument.js';

const FORMS = {
  id: ({ byId }: NamedMeeting) => byId,
  internal: ({ byInternalId }: NamedMeeting) => byInternalId,
  external: ({ byRemoteId }: NamedMeeting) => byRemoteId,
} as const;
type Form = keyof typeof FORMS;

/** How many of several candidates are told. */
const MAX_TOLD = 10;

/** `--meeting`, by any id that the read API tells of a meeting. */
export function meetingOption(description: string): Option {
  return new Option(
    '--meeting <id>',
    `${description}: its id, its internal id, or the external id of its room, which means all meetings of the room; ` +
      'id:…, internal:… or external:… where one text is several of these',
  ).argParser(idArgument);
}

/**
 * The ids of the occurrences that `--meeting` names, oldest first (docs/operations.md, "Naming a meeting").
 *
 * @param accessUrlId undefined where `--access-url` is left out
 * @throws NoSuchMeetingError
 * @throws AmbiguousMeetingError where the text is several ids, or an id in several access URLs
 */
export async function namedMeetingIds(store: Store, text: string, accessUrlId: number | undefined): Promise<string[]> {
  const [, form, told = text] = /^(id|internal|external):(.+)$/s.exec(text) ?? [];
  const found = await findNamedMeetings(store, told, accessUrlId ?? null);
  const forms = (form === undefined ? Object.keys(FORMS) : [form]) as Form[];
  const readings = forms.flatMap((one) => readingsOf(one, found));
  const [first, ...others] = readings;
  if (first === undefined) throw new NoSuchMeetingError(text, accessUrlId);
  // The external id of a flat room may be its internal one too: then both mean the same.
  const isSame = ({ ids }: Reading) => ids.join() === first.ids.join();
  if (!others.every(isSame)) throw new AmbiguousMeetingError(text, readings);
  return [...first.ids];
}

/** What the text means as an id of one form in one access URL. */
interface Reading {
  readonly form: Form;
  readonly accessUrlId: number;
  readonly ids: readonly string[];
}

function readingsOf(form: Form, found: readonly NamedMeeting[]): Reading[] {
  const byAccessUrl = new Map<number, string[]>();
  for (const meeting of found.filter(FORMS[form])) {
    byAccessUrl.set(meeting.accessUrlId, [...(byAccessUrl.get(meeting.accessUrlId) ?? []), meeting.id]);
  }
  return [...byAccessUrl].map(([accessUrlId, ids]) => ({ form, accessUrlId, ids }));
}

export class NoSuchMeetingError extends Error {
  readonly code = 'no_such_meeting';

  constructor(text: string, accessUrlId: number | undefined) {
    super(`there is no meeting ${text}${accessUrlId === undefined ? '' : ` of access URL ${accessUrlId}`}`);
  }
}

export class AmbiguousMeetingError extends Error {
  readonly code = 'ambiguous_meeting';

  constructor(text: string, readings: readonly Reading[]) {
    const told = readings.slice(0, MAX_TOLD).map(({ form, accessUrlId, ids }) => {
      const which = ids.length > 3 ? `${ids.length} meetings` : `id ${ids.join(', ')}`;
      return `the ${WORDS[form]} of ${which} of access URL ${accessUrlId}`;
    });
    super(`${text} may be ${told.join(', or ')}: put id:, internal: or external: before it, or add --access-url`);
  }
}

const WORDS: Readonly<Record<Form, string>> = { id: 'id', internal: 'internal id', external: 'external id' };
