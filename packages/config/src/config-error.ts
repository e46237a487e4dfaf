/** A start that cannot go on: the message is one line that names the variable, and never tells a secret's value. */
export class ConfigError extends Error {
  readonly code = 'bad_config';
}

/** A variable is needed, and is not there or empty. */
export class MissingSettingError extends ConfigError {
  readonly variable: string;

  constructor(variable: string) {
    super(`${variable} is missing`);
    this.variable = variable;
  }
}
