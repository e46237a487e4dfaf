import { BACKENDS, type BackendKind } from './system.js';

/** What serves a wave of meetings. */
export interface WaveSystem {
  readonly backend: BackendKind;
  readonly policy: 'register' | 'known';
  /** Worker processes. */
  readonly workers: number;
  readonly partitions: number;
  readonly batchMaxEvents: number;
  /** Workers that are killed while the meetings are sent. */
  readonly crashes: number;
}

/** Meetings that are sent side by side. */
export interface Wave {
  readonly system: WaveSystem;
  /** Decides in which order the requests of different meetings are sent. */
  readonly seed: number;
  /** Of the meetings. */
  readonly seeds: readonly number[];
}

/** The command that runs a wave once more; or of it the one meeting of `seed` alone. */
export function howToRepeat({ system, seed, seeds }: Wave, alone?: number): string {
  const wanted = alone === undefined ? seeds : [alone];
  const [first = 0] = wanted;
  const areNeighbours = wanted.every((one, index) => one === first + index);
  const told = areNeighbours ? `LAW_SEED=${first} LAW_MEETINGS=${wanted.length}` : `LAW_SEED=${wanted.join(',')} LAW_MEETINGS=1`;
  return `LAW_SYSTEM='${JSON.stringify(system)}' LAW_WAVE=${seed} ${told} npm run test:law`;
}

/** Reads LAW_SYSTEM as {@link howToRepeat} writes it; null where it is not there. Throws Error where it is something else. */
export function readSystem(text: string): WaveSystem | null {
  if (text === '') return null;
  const told: unknown = JSON.parse(text);
  if (!isSystem(told)) throw new Error('LAW_SYSTEM must be as a failed run has printed it');
  return told;
}

function isSystem(told: unknown): told is WaveSystem {
  if (typeof told !== 'object' || told === null) return false;
  const { backend, policy, ...counts } = told as Record<string, unknown>;
  return (
    BACKENDS.some((one) => one === backend) &&
    (policy === 'register' || policy === 'known') &&
    ['workers', 'partitions', 'batchMaxEvents', 'crashes'].every((name) => Number.isSafeInteger(counts[name]))
  );
}
