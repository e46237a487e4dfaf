import { readFile } from 'node:fs/promises';
import { expect } from 'vitest';

/** What one person must end with, as the script of the recorded meeting tells (test/recordings/README.md). Times are seconds. */
interface ExpectedPerson {
  readonly online: number;
  readonly mic: number;
  readonly camera: number;
  readonly messages: number;
  readonly reactions: number;
  readonly breakdown: Readonly<Record<string, number>>;
  readonly hands: number;
  readonly visits: number;
}

export interface ExpectedRecording {
  readonly meeting: { readonly intId: string; readonly extId: string };
  readonly expected: Readonly<Record<string, ExpectedPerson>>;
}

export interface ToldParticipant {
  readonly externalUserId: string;
  readonly sessions: number;
  readonly onlineSeconds: number;
  readonly talkSeconds: number;
  readonly talkSource: string;
  readonly microphoneSeconds: number;
  readonly cameraSeconds: number;
  readonly messages: number;
  readonly reactions: number;
  readonly reactionsBreakdown: Readonly<Record<string, number>>;
  readonly hands: number;
  readonly online: boolean;
}

export async function readExpected(name: 'quiet' | 'flaky'): Promise<ExpectedRecording> {
  const text = await readFile(new URL(`../recordings/${name}.expected.json`, import.meta.url), 'utf8');
  return JSON.parse(text) as ExpectedRecording;
}

/** Counts exactly; times rounded down, and the script is exact to 0.05 s. */
export function expectParticipants(told: readonly ToldParticipant[], { expected }: ExpectedRecording): void {
  expect(told.map(({ externalUserId }) => externalUserId).toSorted()).toEqual(Object.keys(expected).toSorted());
  for (const one of told) {
    const person = expected[one.externalUserId];
    if (person === undefined) throw new Error(`${one.externalUserId} is not expected`);
    expect(one, one.externalUserId).toMatchObject({
      sessions: person.visits,
      talkSource: 'microphone',
      messages: person.messages,
      reactions: person.reactions,
      reactionsBreakdown: person.breakdown,
      hands: person.hands,
      online: false,
    });
    expect(one.talkSeconds).toBe(one.microphoneSeconds);
    expectSeconds(one.onlineSeconds, person.online, `${one.externalUserId} online`);
    expectSeconds(one.microphoneSeconds, person.mic, `${one.externalUserId} microphone`);
    expectSeconds(one.cameraSeconds, person.camera, `${one.externalUserId} camera`);
  }
}

function expectSeconds(told: number, exact: number, what: string): void {
  expect(Number.isInteger(told), what).toBe(true);
  expect(told, what).toBeGreaterThanOrEqual(Math.floor(exact - 0.05));
  expect(told, what).toBeLessThanOrEqual(exact + 0.05);
}
