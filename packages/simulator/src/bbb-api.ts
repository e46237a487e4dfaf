import { type ChecksumAlgorithm, checksumAlgorithmOf, checksumOf } from '@bbb-activity/signatures/checksum-algorithm';
import type { BbbHook, BbbHooks, HookRequest } from './bbb-hooks.js';
import type { BbbMeetingState, BbbMeetings } from './bbb-meetings.js';

/** A call to the API of a simulated BBB server, and how it went. */
export interface BbbApiCall {
  /** By the server's clock, unix ms. */
  readonly at: number;
  /** As `hooks/create`. */
  readonly name: string;
  readonly parameters: URLSearchParams;
  readonly returncode: 'SUCCESS' | 'FAILED';
  /** As the answer tells it; null where it tells none. */
  readonly messageKey: string | null;
}

export interface BbbApiOptions {
  readonly secret: string;
  readonly apiAlgorithms: readonly ChecksumAlgorithm[];
  readonly hooksApiAlgorithms: readonly ChecksumAlgorithm[];
}

interface Answer {
  readonly returncode: 'SUCCESS' | 'FAILED';
  readonly messageKey: string | null;
  readonly xml: string;
}

const BASE = '/bigbluebutton/api/';

/** The API of a BBB server: checks the checksum of a call and gives the answer as XML (docs/wire.md, "The hooks API"). */
export class BbbApi {
  readonly #hooks: BbbHooks;
  readonly #meetings: BbbMeetings;
  readonly #options: BbbApiOptions;
  readonly #now: () => number;
  readonly calls: BbbApiCall[] = [];

  constructor(hooks: BbbHooks, meetings: BbbMeetings, options: BbbApiOptions, now: () => number) {
    this.#hooks = hooks;
    this.#meetings = meetings;
    this.#options = options;
    this.#now = now;
  }

  /** `url`: path and query as they came. Null where there is no such path. */
  async answer(url: string): Promise<string | null> {
    const [path = '', ...rest] = url.split('?');
    if (!path.startsWith(BASE)) return null;
    const name = path.slice(BASE.length);
    const { query, checksum } = splitQuery(rest.join('?'));
    const parameters = new URLSearchParams(query);
    const answer = this.#isGenuine(name, query, checksum) ? await this.#call(name, parameters) : CHECKSUM_ERROR;
    this.calls.push({ at: this.#now(), name, parameters, returncode: answer.returncode, messageKey: answer.messageKey });
    return answer.xml;
  }

  #isGenuine(name: string, query: string, checksum: string): boolean {
    const algorithm = checksumAlgorithmOf(checksum);
    const taken = name.startsWith('hooks/') ? this.#options.hooksApiAlgorithms : this.#options.apiAlgorithms;
    if (algorithm === null || !taken.includes(algorithm)) return false;
    return checksum === checksumOf(algorithm, name, query, this.#options.secret).toString('hex');
  }

  #call(name: string, parameters: URLSearchParams): Answer | Promise<Answer> {
    const meetingId = parameters.get('meetingID');
    switch (name) {
      case 'hooks/create':
        return this.#create(parameters);
      case 'hooks/destroy':
        return this.#destroy(parameters.get('hookID'));
      case 'hooks/list':
        return this.#list(meetingId);
      case 'getMeetings':
        return this.#listMeetings();
      case 'isMeetingRunning':
        if (meetingId === null || meetingId === '') return MISSING_MEETING_ID;
        return success(`<running>${this.#meetings.find(meetingId) !== null}</running>`);
      case 'getMeetingInfo': {
        if (meetingId === null || meetingId === '') return MISSING_MEETING_ID;
        const meeting = this.#meetings.find(meetingId);
        return meeting === null ? failure('notFound', 'A meeting with that ID does not exist') : success(meetingXml(meeting));
      }
      default:
        return failure('unsupportedRequest', 'This request is not supported.');
    }
  }

  async #create(parameters: URLSearchParams): Promise<Answer> {
    const callbackUrl = parameters.get('callbackURL');
    if (callbackUrl === null) return failure('missingParamCallbackURL', 'You must specify a callbackURL in the parameters.');
    const raw = (parameters.get('getRaw') ?? '').toLowerCase();
    if (!['', 'true', 'false'].includes(raw)) return CREATE_ERROR;
    const request: HookRequest = {
      callbackUrl,
      meetingId: parameters.get('meetingID'),
      eventIds: parameters.get('eventID')?.toLowerCase().split(',') ?? null,
      raw: raw === 'true',
    };
    const { hook, duplicate } = await this.#hooks.create(request);
    if (!duplicate) {
      return success(`<hookID>${hook.id}</hookID><permanentHook>${hook.permanent}</permanentHook><rawData>${hook.raw}</rawData>`);
    }
    const message = 'There is already a hook for this callback URL.';
    return success(`<hookID>${hook.id}</hookID>${told('duplicateWarning', message)}`, 'duplicateWarning');
  }

  #destroy(hookId: string | null): Answer {
    if (hookId === null) return failure('missingParamHookID', 'You must specify a hookID in the parameters.');
    if (this.#hooks.destroy(hookId)) return success('<removed>true</removed>');
    return failure('destroyMissingHook', 'The hook informed was not found.');
  }

  #list(meetingId: string | null): Answer {
    const hooks = meetingId === null ? this.#hooks.list() : this.#hooks.listFor(meetingId);
    if (hooks === null) return failure('listHookError', 'An error happened while listing registered hooks. Check the logs.');
    return success(`<hooks>${hooks.map(hookXml).join('')}</hooks>`);
  }

  #listMeetings(): Answer {
    const meetings = this.#meetings.list();
    if (meetings.length === 0) {
      const nothing = told('noMeetings', 'no meetings were found on this server');
      return success(`<meetings/>${nothing}`, 'noMeetings');
    }
    return success(`<meetings>${meetings.map((meeting) => `<meeting>${meetingXml(meeting)}</meeting>`).join('')}</meetings>`);
  }
}

/** The query without its checksum, wherever that stands, and nothing else changed. */
function splitQuery(query: string): { readonly query: string; readonly checksum: string } {
  const parts = query.split('&');
  const checksum = parts.find((part) => part.startsWith('checksum='))?.slice('checksum='.length) ?? '';
  return { query: parts.filter((part) => !part.startsWith('checksum=')).join('&'), checksum };
}

function success(content: string, messageKey: string | null = null): Answer {
  return { returncode: 'SUCCESS', messageKey, xml: `<response><returncode>SUCCESS</returncode>${content}</response>` };
}

function failure(messageKey: string, message: string): Answer {
  const xml = `<response><returncode>FAILED</returncode>${told(messageKey, message)}</response>`;
  return { returncode: 'FAILED', messageKey, xml };
}

function told(messageKey: string, message: string): string {
  return `<messageKey>${messageKey}</messageKey><message>${message}</message>`;
}

const CHECKSUM_ERROR = failure('checksumError', 'You did not pass the checksum security check.');
const CREATE_ERROR = failure('createHookError', 'An error happened while creating your hook. Check the logs.');
const MISSING_MEETING_ID = failure('missingParamMeetingID', 'You must specify a meeting ID for the meeting.');

function hookXml({ id, callbackUrl, meetingId, eventIds, permanent, raw }: BbbHook): string {
  return (
    `<hook><hookID>${id}</hookID><callbackURL>${cdata(callbackUrl)}</callbackURL>` +
    (meetingId === null ? '' : `<meetingID>${cdata(meetingId)}</meetingID>`) +
    (eventIds === null ? '' : `<eventID>${escapeXml(eventIds.join(','))}</eventID>`) +
    `<permanentHook>${permanent}</permanentHook><rawData>${raw}</rawData></hook>`
  );
}

function meetingXml({ externalId, internalId, name, createdAt, inside }: BbbMeetingState): string {
  return (
    `<meetingName>${escapeXml(name)}</meetingName><meetingID>${escapeXml(externalId)}</meetingID>` +
    `<internalMeetingID>${escapeXml(internalId)}</internalMeetingID><createTime>${createdAt}</createTime>` +
    '<attendeePW>viewer-password-of-the-simulator</attendeePW><moderatorPW>moderator-password-of-the-simulator</moderatorPW>' +
    `<running>true</running><duration>0</duration><hasUserJoined>${inside.size > 0}</hasUserJoined><recording>false</recording>` +
    `<hasBeenForciblyEnded>false</hasBeenForciblyEnded><startTime>${createdAt}</startTime><endTime>0</endTime>` +
    `<participantCount>${inside.size}</participantCount><maxUsers>0</maxUsers><metadata/><isBreakout>false</isBreakout>`
  );
}

function cdata(text: string): string {
  return `<![CDATA[${text.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
