import { createServer, type Server } from 'node:http';
import { CHECKSUM_ALGORITHMS, type ChecksumAlgorithm } from '@bbb-activity/signatures/checksum-algorithm';
import { requireSecret } from '@bbb-activity/signatures/secrets';
import { BbbApi, type BbbApiCall } from './bbb-api.js';
import { type BbbBehaviour, type BbbBehaviourName, bbbBehaviour } from './bbb-behaviour.js';
import { type BbbClock, scaledClock } from './bbb-clock.js';
import { type BbbHook, BbbHooks, type HookChange } from './bbb-hooks.js';
import { type AcknowledgedEvent, BbbLedger, type LostEvent, type SentPost } from './bbb-ledger.js';
import { type BbbMeetingState, BbbMeetings, type MeetingStart } from './bbb-meetings.js';
import { BbbSender } from './bbb-sender.js';
import { SENDER_ANSWER_TIMEOUT_MS } from './retry-schedule.js';
import { retime } from './told-meeting.js';
import { type RawEvent, textAt } from './webhook-delivery.js';

export interface SimulatedBbbOptions {
  /** The shared secret. */
  readonly secret: string;
  /** The generation that it behaves as; default `3.5`. */
  readonly behaviour?: BbbBehaviourName;
  /** What it does otherwise than that generation. */
  readonly otherwise?: Partial<BbbBehaviour>;
  /** How a delivery proves that it knows the secret; default `checksum`. */
  readonly auth?: 'checksum' | 'bearer';
  /** Of the deliveries' checksums; default `sha1`. */
  readonly hookChecksumAlgorithm?: ChecksumAlgorithm;
  /** Of the calls that are taken; default all, for the hooks API of 2.x `sha1` alone. */
  readonly apiAlgorithms?: readonly ChecksumAlgorithm[];
  /** Callback URLs that the server's operator has set as permanent hooks, for all meetings. */
  readonly permanentUrls?: readonly string[];
  /** What the retries and the times of events go by; default: a {@link scaledClock} of `timeScale`. */
  readonly clock?: BbbClock;
  /** How many times as fast as the real clock; default 1. Not with `clock`. */
  readonly timeScale?: number;
  /** How long the sender waits for an answer, in real ms whatever the clock; default 5,000. */
  readonly answerTimeoutMs?: number;
  /** How long storing a hook takes, in real ms; default 0. Meanwhile another call with its callback URL does not find it. */
  readonly storeMs?: number;
  /** Whether the answer to a post gets lost on its way: the receiver has it, and the sender tries again. Default: none does. */
  readonly losesAnswer?: (post: Pick<SentPost, 'hook' | 'events' | 'attempt'>) => boolean;
  readonly domain?: string;
  /** Default: any that is free. */
  readonly port?: number;
}

/**
 * A BBB server for tests and demonstrations: a real HTTP server on 127.0.0.1 with the API of a BBB server, and a real sender of webhooks.
 * It has no conference behind it: {@link startMeeting}, {@link emit}, {@link endMeeting} and {@link play} are what happens there. Sources: docs/wire.md, "What
 * BigBlueButton itself signs", "Retry and failure" and "The hooks API"; what differs by version is {@link BbbBehaviour}.
 *
 * API: `hooks/create`, `hooks/list`, `hooks/destroy`, `isMeetingRunning`, `getMeetings`, `getMeetingInfo`. Everything that is told goes to
 * the hooks that there are at that moment; what is then acknowledged or lost is in {@link acknowledged} and {@link lostEvents}.
 *
 *     const bbb = await SimulatedBbb.start({ secret, behaviour: '3.5', timeScale: 120 });
 *     // … a client creates a hook at bbb.url …
 *     bbb.startMeeting({ externalId: 'room-1' });
 *     bbb.endMeeting('room-1');
 *     await bbb.settled();
 *     await bbb.close();
 */
export class SimulatedBbb {
  /** Ends in `/bigbluebutton`. */
  readonly url: string;
  readonly clock: BbbClock;
  readonly #server: Server;
  readonly #parts: Parts;
  /** Ends what is still to happen. */
  readonly #playing = new Set<() => void>();

  private constructor(server: Server, url: string, clock: BbbClock, parts: Parts) {
    this.#server = server;
    this.url = url;
    this.clock = clock;
    this.#parts = parts;
  }

  /** Throws EmptySecretError, RangeError for options that cannot be meant, and what listening throws. */
  static async start(options: SimulatedBbbOptions): Promise<SimulatedBbb> {
    const clock = options.clock ?? scaledClock(options.timeScale);
    const parts = makeParts(options, clock);
    const server = createServer(async (request, response) => {
      request.resume();
      const xml = request.method === 'GET' ? await parts.api.answer(request.url ?? '') : null;
      if (xml === null) response.writeHead(404).end();
      else {
        response.setHeader('date', new Date(clock.now()).toUTCString());
        response.setHeader('content-type', 'text/xml; charset=utf-8').end(xml);
      }
    });
    await new Promise<void>((listening, failed) => {
      server.once('error', failed);
      server.listen(options.port ?? 0, '127.0.0.1', () => {
        server.off('error', failed);
        listening();
      });
    });
    const address = server.address();
    if (typeof address !== 'object' || address === null) throw new Error('a server that listens on a port has an address');
    return new SimulatedBbb(server, `http://127.0.0.1:${address.port}/bigbluebutton`, clock, parts);
  }

  /** Something happens: the event is told to the hooks, and the server knows what it knows from it (who is inside, what runs). */
  emit(event: RawEvent): void {
    const internalId = textAt(event, 'meeting', 'internal-meeting-id');
    const known = this.#parts.behaviour.knowsMeetingByInternalId ? this.#meetingOf(internalId)?.externalId : undefined;
    this.#parts.meetings.note(event);
    // What happens twice is told twice, and may be acknowledged once.
    this.#parts.sender.tell(
      this.#parts.ledger.knows(event) ? { ...event } : event,
      textAt(event, 'meeting', 'external-meeting-id') ?? known ?? null,
    );
  }

  /**
   * Plays a meeting (told-meeting.ts) along the clock: the first event happens now, each at its own time, `stretch` times as far apart as
   * they are. Resolves when the last has happened, or when the server is closed before.
   */
  async play(events: readonly RawEvent[], { stretch = 1 }: { readonly stretch?: number } = {}): Promise<void> {
    const now = this.clock.now();
    const happening = retime(events, now, stretch).map(
      (event) =>
        new Promise<void>((happened) => {
          const cancel = this.clock.after(event.data.event.ts - now, () => {
            this.#playing.delete(end);
            this.emit(event);
            happened();
          });
          const end = () => {
            cancel();
            happened();
          };
          this.#playing.add(end);
        }),
    );
    await Promise.all(happening);
  }

  /** A room is opened, and `meeting-created` told. Where it runs already, nothing happens. */
  startMeeting(start: MeetingStart): BbbMeetingState {
    const running = this.#parts.meetings.find(start.externalId);
    if (running !== null) return running;
    this.emit(BbbMeetings.created(start, this.clock.now()));
    return this.#running(start.externalId);
  }

  /** A meeting ends: `meeting-ended` is told, and a made-up `user-left` for everyone inside. Throws RangeError where it does not run. */
  endMeeting(externalId: string): void {
    for (const event of BbbMeetings.ended(this.#running(externalId), this.clock.now())) this.emit(event);
  }

  /** The meetings that run. */
  meetings(): readonly BbbMeetingState[] {
    return this.#parts.meetings.list();
  }

  /** As `hooks/list` tells them. */
  hooks(): readonly BbbHook[] {
    return this.#parts.hooks.list();
  }

  /** What became of all hooks there ever were, in order. */
  hookChanges(): readonly HookChange[] {
    return this.#parts.hooks.changes;
  }

  /** All calls of the API, those with a wrong checksum too. */
  calls(): readonly BbbApiCall[] {
    return this.#parts.api.calls;
  }

  /** All events that happened, whether there was a hook or not. */
  told(): readonly RawEvent[] {
    return this.#parts.ledger.told();
  }

  /** All posts, retries included, in the order in which they ended. */
  sent(): readonly SentPost[] {
    return this.#parts.ledger.sent;
  }

  /** Each event that counts as delivered, once. */
  acknowledged(): readonly AcknowledgedEvent[] {
    return this.#parts.ledger.acknowledged();
  }

  /** Each event that nobody acknowledged and that is tried no more. What a hook's filter left out is not lost. */
  lostEvents(): readonly LostEvent[] {
    return this.#parts.ledger.lost();
  }

  /**
   * Posts that wait for their answer now. Where it is 0 nothing happens until the clock goes on: whoever moves a ManualClock in
   * steps waits for that after each, and has a meeting of hours as fast as its receiver answers, without a race.
   */
  posting(): number {
    return this.#parts.sender.posting;
  }

  /** Resolves once nothing is being tried any more: at a permanent hook that never answers, never. */
  async settled(): Promise<void> {
    await this.#parts.ledger.settled();
  }

  /**
   * The program that sends restarts: what is being tried is lost, and hooks that its store has no more are gone. The others come back in
   * any order, and of two for one meeting the first is served: `reversed` turns the order round.
   */
  restart({ reversed = false }: { readonly reversed?: boolean } = {}): void {
    this.#parts.sender.stop();
    this.#parts.hooks.restart(reversed);
  }

  /** Also ends what is being tried. Safe to call twice. */
  async close(): Promise<void> {
    for (const end of this.#playing) end();
    this.#playing.clear();
    this.#parts.sender.stop();
    this.#server.closeAllConnections();
    if (this.#server.listening) await new Promise<void>((closed) => this.#server.close(() => closed()));
  }

  #running(externalId: string): BbbMeetingState {
    const meeting = this.#parts.meetings.find(externalId);
    if (meeting === null) throw new RangeError(`no meeting ${externalId} runs`);
    return meeting;
  }

  #meetingOf(internalId: string | null): BbbMeetingState | undefined {
    return this.#parts.meetings.list().find((meeting) => meeting.internalId === internalId);
  }
}

interface Parts {
  readonly behaviour: BbbBehaviour;
  readonly hooks: BbbHooks;
  readonly meetings: BbbMeetings;
  readonly ledger: BbbLedger;
  readonly sender: BbbSender;
  readonly api: BbbApi;
}

function makeParts(options: SimulatedBbbOptions, clock: BbbClock): Parts {
  const secret = requireSecret(options.secret);
  const behaviour = bbbBehaviour(options.behaviour ?? '3.5', options.otherwise);
  const now = () => clock.now();
  const hooks = new BbbHooks(behaviour, now, options.storeMs ?? 0);
  for (const url of options.permanentUrls ?? []) hooks.addPermanent(url);
  const meetings = new BbbMeetings();
  const ledger = new BbbLedger();
  const sender = new BbbSender(hooks, ledger, clock, {
    secret,
    domain: options.domain ?? 'bbb.example.com',
    behaviour,
    bearer: options.auth === 'bearer',
    hookChecksumAlgorithm: options.hookChecksumAlgorithm ?? 'sha1',
    answerTimeoutMs: options.answerTimeoutMs ?? SENDER_ANSWER_TIMEOUT_MS,
    losesAnswer: options.losesAnswer ?? (() => false),
  });
  const apiAlgorithms = options.apiAlgorithms ?? CHECKSUM_ALGORITHMS;
  const hooksApiAlgorithms = behaviour.hooksApiAlgorithms.filter((algorithm) => apiAlgorithms.includes(algorithm));
  const api = new BbbApi(hooks, meetings, { secret, apiAlgorithms, hooksApiAlgorithms }, now);
  return { behaviour, hooks, meetings, ledger, sender, api };
}
