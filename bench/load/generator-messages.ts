import type { CampusOptions } from '@bbb-activity/simulator/campus';
import type { Phase, PhaseReport } from './phase.js';

export type ToGenerator =
  | { readonly kind: 'prepare'; readonly target: string; readonly phase: Phase }
  /** Sends what is prepared. */
  | { readonly kind: 'go' };

export type FromGenerator = { readonly kind: 'ready' } | { readonly kind: 'done'; readonly report: PhaseReport };

/** The argument of the generator's process, as JSON. */
export interface GeneratorOptions {
  readonly campus: CampusOptions;
  /** Everybody has arrived already: see `preload`. */
  readonly preloaded: boolean;
}
