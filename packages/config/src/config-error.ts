/** A start that cannot go on: the message is one line that names the variable, and never tells a secret's value. */
export class ConfigError extends Error {
  readonly code = 'bad_config';
}
