import { readFile } from 'node:fs/promises';
import { DeliveryError, isRecord, parseDelivery, type WebhookDelivery } from './webhook-delivery.js';

/** One POST of a recording: what BigBlueButton's webhooks program sent, and how it was answered then. */
export interface RecordedRequest {
  /** Arrival in ms since the recording's first request; never falls from line to line. */
  readonly atMs: number;
  /** Arrival in unix ms. */
  readonly receivedAt: number;
  /** The status that was answered. The sender tries again what was not 2xx: a later line holds the same body. */
  readonly answered: number;
  readonly host: string;
  /** Path and query, with the signature and checksum of that time. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The body, read. */
  readonly delivery: WebhookDelivery;
}

/** Names the file, the line (1 is the first; 0 where it is the file as a whole) and what is wrong there. */
export class RecordingError extends Error {
  readonly code = 'invalid_recording';
  override readonly name = 'RecordingError';
  readonly file: string;
  readonly line: number;
  readonly problem: string;

  constructor(file: string, line: number, problem: string, options?: ErrorOptions) {
    super(line === 0 ? `${file}: ${problem}` : `${file}, line ${line}: ${problem}`, options);
    this.file = file;
    this.line = line;
    this.problem = problem;
  }
}

/**
 * Reads a recording: one JSON object a line, in order of arrival. Throws {@link RecordingError} at the first line that is
 * not a complete request, so that a replay never begins with half of a meeting.
 */
export async function readRecording(path: string): Promise<readonly RecordedRequest[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new RecordingError(path, 0, 'cannot be read', { cause });
  }
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  if (lines.length === 0) throw new RecordingError(path, 0, 'holds no request');

  let previousAtMs = 0;
  return lines.map((line, index) => {
    try {
      const request = parseLine(line);
      if (request.atMs < previousAtMs) throw new LineProblem(`"atMs" is ${request.atMs}, earlier than the line before`);
      previousAtMs = request.atMs;
      return request;
    } catch (error) {
      if (error instanceof LineProblem || error instanceof DeliveryError) {
        throw new RecordingError(path, index + 1, error.message, { cause: error.cause });
      }
      throw error;
    }
  });
}

/** What is wrong with a line, before its file and number are known. */
class LineProblem extends Error {}

function parseLine(line: string): RecordedRequest {
  const record = parseObject(line);
  const method = text(record, 'method');
  if (method !== 'POST') throw new LineProblem(`"method" is ${JSON.stringify(method)}, not "POST"`);
  const body = text(record, 'body');
  return {
    atMs: wholeNumber(record, 'atMs'),
    receivedAt: wholeNumber(record, 'receivedAt'),
    answered: wholeNumber(record, 'answered'),
    host: text(record, 'host'),
    url: text(record, 'url'),
    headers: textMap(record, 'headers'),
    body,
    delivery: parseDelivery(body),
  };
}

function parseObject(line: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new LineProblem('is not JSON', { cause });
  }
  if (!isRecord(value)) throw new LineProblem('is not a JSON object');
  return value;
}

function text(record: Readonly<Record<string, unknown>>, key: string): string {
  const value = record[key];
  if (typeof value !== 'string' || value === '') throw new LineProblem(`"${key}" is not a text`);
  return value;
}

function wholeNumber(record: Readonly<Record<string, unknown>>, key: string): number {
  const value = record[key];
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw new LineProblem(`"${key}" is not a whole number from 0`);
  }
  return value;
}

function textMap(record: Readonly<Record<string, unknown>>, key: string): Readonly<Record<string, string>> {
  const value = record[key];
  if (!isRecord(value)) throw new LineProblem(`"${key}" is not an object of texts`);
  return Object.fromEntries(
    Object.entries(value).map(([name, content]) => {
      if (typeof content !== 'string') throw new LineProblem(`"${key}" is not an object of texts`);
      return [name, content];
    }),
  );
}
