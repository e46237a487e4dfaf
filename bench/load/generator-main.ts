import { Campus, type CampusEvent } from '@bbb-activity/simulator/campus';
import type { FromGenerator, GeneratorOptions, ToGenerator } from './generator-messages.js';
import type { Phase } from './phase.js';
import { type PreparedRequest, prepareRequest } from './prepared-request.js';
import { type Material, sendPhase } from './send-phase.js';

/** A closed phase sends as fast as it is answered; beyond so many requests a second they are made as they are needed. */
const PREPARED_A_SECOND = 20_000;

const options = JSON.parse(process.argv[2] ?? '') as GeneratorOptions;
const campus = new Campus(options.campus);
if (options.preloaded) campus.arrivals();

let go = (): void => undefined;

process.on('message', (message: ToGenerator) => {
  if (message.kind === 'go') go();
  else void run(message.phase, message.target);
});
// The run that it belongs to is gone.
process.on('disconnect', () => process.exit());

async function run(phase: Phase, target: string): Promise<void> {
  const material = materialOf(phase);
  const told = new Promise<void>((done) => {
    go = done;
  });
  tell({ kind: 'ready' });
  await told;
  tell({ kind: 'done', report: await sendPhase(phase, target, material) });
}

function tell(message: FromGenerator): void {
  process.send?.(message);
}

function materialOf(phase: Phase): Material {
  if (phase.material === 'activity') {
    const count = phase.kind === 'open' ? phase.count * phase.repeats : (phase.count ?? phase.seconds * PREPARED_A_SECOND);
    const prepared = Array.from({ length: count }, () => prepareRequest(campus.next()));
    let at = 0;
    return () => {
      const request = prepared[at] ?? prepareRequest(campus.next());
      at += 1;
      return request;
    };
  }
  const events: CampusEvent[] = phase.material === 'endings' ? campus.endings() : [...campus.openings(), ...campus.arrivals()];
  const requests = events.map(prepareRequest).values();
  return (): PreparedRequest | undefined => requests.next().value;
}
