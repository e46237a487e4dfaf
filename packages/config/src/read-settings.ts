import { ConfigError, MissingSettingError } from './config-error.js';
import { type Environment, type Settings, VARIABLES, type VariableName } from './variables.js';

/**
 * Reads the named variables from an environment. An empty variable counts as one that is not there.
 *
 * @param optional those that have a default or may be missing
 * @param needed those without which the start cannot go on
 * @throws ConfigError naming the first variable that is bad or missing; the value itself is not told, it may be a secret
 */
export function readSettings<Optional extends VariableName, Needed extends VariableName = never>(
  environment: Environment,
  optional: readonly Optional[],
  needed: readonly Needed[] = [],
): Settings<Optional, Needed> {
  const required: readonly VariableName[] = needed;
  const settings: Partial<Record<VariableName, unknown>> = {};
  for (const name of [...optional, ...needed]) {
    const value = environment[name];
    const result = VARIABLES[name].safeParse(value === '' ? undefined : value);
    if (!result.success) throw new ConfigError(`${name} ${result.error.issues[0]?.message ?? 'is not valid'}`);
    if (result.data === undefined && required.includes(name)) throw new MissingSettingError(name);
    settings[name] = result.data;
  }
  // The loop has put a checked value under every name of both lists, which is what the type says.
  return settings as Settings<Optional, Needed>;
}

/**
 * Checks every variable of the environment, also those that the app at hand does not read: a value that some app would refuse is a mistake,
 * and the operator should hear of it at the first start.
 *
 * @throws ConfigError naming the first variable that is bad
 */
export function checkEnvironment(environment: Environment): void {
  readSettings(environment, Object.keys(VARIABLES).filter(isVariable));
}

function isVariable(name: string): name is VariableName {
  return name in VARIABLES;
}
