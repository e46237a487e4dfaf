import { VARIABLES } from '@bbb-activity/config/variables';
import type { Options } from './options.js';
import type { RunOptions } from './run-options.js';
import { allScenarios, regressionScenario, type Scenario } from './scenarios.js';
import { SYSTEMS } from './systems/systems.js';

export type PlannedRun = Pick<RunOptions, 'system' | 'scenario' | 'backend' | 'appendfsync'>;

/** Where it is told what a Redis costs that writes every answer to disk first. */
const ALSO_ALWAYS: readonly string[] = ['live', 'steady-1000'];

/** Everything that the options ask for, a scenario's systems one after the other, so that they meet the machine in the same mood. */
export function plannedRuns(options: Options): PlannedRun[] {
  if (options.ci) return runsOf(regressionScenario(), { ...options, systems: ['product', 'sync'], backends: ['redis'] });
  return (
    allScenarios(options.seconds)
      .filter(({ name }) => options.scenarios?.includes(name) ?? true)
      // A build that does not know a scenario's variables would run another scenario under its name.
      .filter(({ variables }) => Object.keys(variables).every((name) => name in VARIABLES))
      .flatMap((scenario) => runsOf(scenario, options))
  );
}

function runsOf(scenario: Scenario, { systems, backends, appendfsync }: Options): PlannedRun[] {
  return scenario.systems
    .filter((name) => systems.includes(name))
    .flatMap((name): PlannedRun[] => {
      const system = SYSTEMS[name];
      const [first = 'redis'] = backends;
      // What has no queue is the same on each.
      return (system.hasQueue ? backends : [first]).flatMap((backend): PlannedRun[] => {
        const run = { system, scenario, backend, appendfsync: appendfsync ?? 'everysec' } as const;
        const also = name === 'product' && backend === 'redis' && appendfsync === null && ALSO_ALWAYS.includes(scenario.name);
        return also ? [run, { ...run, appendfsync: 'always' }] : [run];
      });
    });
}
