import { InvalidArgumentError } from 'commander';

/** Reads an id of an option; an empty one, such as of a variable that is not set, would name whatever has none. */
export function idArgument(text: string): string {
  if (text === '') throw new InvalidArgumentError('it must not be empty.');
  return text;
}
