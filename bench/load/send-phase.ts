import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import { MESSAGE } from '@bbb-activity/simulator/campus';
import { Connection, type Target } from './connection.js';
import type { ClosedPhase, OpenPhase, Percentiles, Phase, PhaseReport } from './phase.js';
import { type PreparedRequest, RequestWriter } from './prepared-request.js';

/** Where the requests come from; none when the material is used up. */
export type Material = () => PreparedRequest | undefined;

const LOCAL_ADDRESSES = 32;

/** Sends a phase's requests. Times are of the wall clock in ms: the database's commit times are compared with them. */
export async function sendPhase(phase: Phase, target: string, material: Material): Promise<PhaseReport> {
  const { hostname, port } = new URL(target);
  const sender = new Sender(
    { host: hostname, port: Number(port) },
    new RequestWriter(target, !('reconnect' in phase && phase.reconnect)),
  );
  await (phase.kind === 'closed' ? sendClosed(sender, phase, material) : sendOpen(sender, phase, material));
  return sender.report();
}

/** Unix ms, with its fraction. */
const now = () => performance.timeOrigin + performance.now();

class Sender {
  readonly #target: Target;
  readonly #writer: RequestWriter;
  readonly #acks = createHistogram();
  readonly #late = createHistogram();
  readonly #refused: Record<string, number> = {};
  /** By the clock that the events have their times from, so that none of them is before it. */
  readonly #startedAt = Math.floor(now());
  #sent = 0;
  #acknowledged = 0;
  #messages = 0;
  #endedAt = 0;

  constructor(target: Target, writer: RequestWriter) {
    this.#target = target;
    this.#writer = writer;
  }

  connect(): Connection {
    return new Connection(this.#target, `127.0.0.${2 + (this.#sent % LOCAL_ADDRESSES)}`);
  }

  /** `intendedAt`: unix ms; it is the event's own time too. */
  send(connection: Connection, request: PreparedRequest, intendedAt: number, done: () => void): void {
    this.#sent += 1;
    record(this.#late, now() - intendedAt);
    connection.send(this.#writer.write(request, Math.floor(intendedAt)), (outcome) => {
      const answeredAt = now();
      record(this.#acks, answeredAt - intendedAt);
      this.#endedAt = Math.max(this.#endedAt, answeredAt);
      if (outcome === 200) {
        this.#acknowledged += 1;
        if (request.name === MESSAGE) this.#messages += 1;
      } else {
        const why = outcome instanceof Error ? outcome.message : String(outcome);
        this.#refused[why] = (this.#refused[why] ?? 0) + 1;
      }
      done();
    });
  }

  report(): PhaseReport {
    return {
      startedAt: this.#startedAt,
      endedAt: this.#endedAt,
      sent: this.#sent,
      acknowledged: this.#acknowledged,
      refused: this.#refused,
      messages: this.#messages,
      ackMs: percentilesOf(this.#acks),
      lateMs: percentilesOf(this.#late),
    };
  }
}

async function sendClosed(
  sender: Sender,
  { connections, seconds, count, reconnect }: ClosedPhase,
  material: Material,
): Promise<void> {
  const endsAt = now() + seconds * 1_000;
  let left = count ?? Number.POSITIVE_INFINITY;
  const lane = () =>
    new Promise<void>((done) => {
      let connection = sender.connect();
      const next = () => {
        left -= 1;
        const request = now() < endsAt && left >= 0 ? material() : undefined;
        if (request === undefined) {
          connection.close();
          done();
          return;
        }
        if (reconnect || connection.isClosed) {
          connection.close();
          connection = sender.connect();
        }
        sender.send(connection, request, now(), next);
      };
      next();
    });
  await Promise.all(Array.from({ length: connections }, lane));
}

async function sendOpen(sender: Sender, phase: OpenPhase, material: Material): Promise<void> {
  const startsAt = now();
  const total = phase.count * phase.repeats;
  const intended = (index: number) =>
    startsAt + Math.floor(index / phase.count) * phase.everyMs + ((index % phase.count) * phase.spanMs) / phase.count;
  const idle: Connection[] = [];
  let open = 0;
  let next = 0;
  let answered = 0;
  await new Promise<void>((done) => {
    const sendDue = () => {
      while (next < total && intended(next) <= now()) {
        const found = idle.pop();
        if (found === undefined && open >= phase.connections) return;
        if (found === undefined) open += 1;
        const connection = found === undefined || found.isClosed ? sender.connect() : found;
        const request = material();
        if (request === undefined) throw new RangeError('the material does not last for the phase');
        sender.send(connection, request, intended(next), () => {
          answered += 1;
          idle.push(connection);
          if (answered === total) finish();
          else if (next < total && intended(next) <= now()) setImmediate(sendDue);
        });
        next += 1;
      }
    };
    const timer = setInterval(sendDue, 1);
    const finish = () => {
      clearInterval(timer);
      for (const connection of idle) connection.close();
      done();
    };
    sendDue();
  });
}

/** In whole µs: a histogram of Node takes whole numbers from 1. */
function record(histogram: RecordableHistogram, ms: number): void {
  histogram.record(Math.max(1, Math.round(ms * 1_000)));
}

function percentilesOf(histogram: RecordableHistogram): Percentiles {
  if (histogram.count === 0) return { p50: 0, p99: 0, max: 0 };
  return { p50: histogram.percentile(50) / 1_000, p99: histogram.percentile(99) / 1_000, max: histogram.max / 1_000 };
}
