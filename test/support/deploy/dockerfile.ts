import { readFile } from 'node:fs/promises';
import { type Copy, DockerfileParser, type Instruction } from 'dockerfile-ast';

/** An instruction of a Dockerfile: a RUN as shell text, a CMD or HEALTHCHECK as the words of its JSON form. */
export type Step =
  | { readonly kind: 'workdir'; readonly path: string }
  | { readonly kind: 'copy'; readonly from: string | null; readonly sources: readonly string[]; readonly target: string }
  | { readonly kind: 'run'; readonly script: string }
  | { readonly kind: 'env'; readonly values: Readonly<Record<string, string>> }
  | { readonly kind: 'user'; readonly user: string }
  | { readonly kind: 'cmd' | 'healthcheck'; readonly words: readonly string[] }
  | { readonly kind: 'expose'; readonly port: string };

export interface Stage {
  readonly name: string;
  /** The image it begins with. */
  readonly base: string;
  readonly steps: readonly Step[];
}

/** Reads a Dockerfile. @throws Error at an instruction, or a form of one, that {@link Step} does not know: nothing is passed over. */
export async function readDockerfile(path: string): Promise<readonly Stage[]> {
  const stages: { name: string; base: string; steps: Step[] }[] = [];
  const dockerfile = DockerfileParser.parse(await readFile(path, 'utf8'));
  for (const instruction of dockerfile.getInstructions()) {
    const words = instruction.getArguments().map((argument) => argument.getValue());
    if (instruction.getKeyword() === 'FROM') {
      const [base = '', as = '', name = ''] = words;
      if (as.toUpperCase() !== 'AS') throw new Error(`a stage without a name: ${String(instruction)}`);
      stages.push({ name, base, steps: [] });
      continue;
    }
    const stage = stages.at(-1);
    if (stage === undefined) throw new Error(`an instruction before the first FROM: ${String(instruction)}`);
    stage.steps.push(stepOf(instruction.getKeyword(), words, instruction));
  }
  return stages;
}

function stepOf(keyword: string, words: readonly string[], instruction: Instruction): Step {
  const only = words[0] ?? '';
  switch (keyword) {
    case 'WORKDIR':
      return { kind: 'workdir', path: only };
    case 'COPY': {
      const from = (instruction as Copy).getFlags().find((flag) => flag.getName() === 'from');
      return { kind: 'copy', from: from?.getValue() ?? null, sources: words.slice(0, -1), target: words.at(-1) ?? '' };
    }
    case 'RUN':
      return { kind: 'run', script: words.join(' ') };
    case 'ENV':
      return { kind: 'env', values: Object.fromEntries(words.map((word) => split(word, '='))) };
    case 'USER':
      return { kind: 'user', user: only };
    case 'EXPOSE':
      return { kind: 'expose', port: only };
    case 'CMD':
      return { kind: 'cmd', words: jsonWords(words) };
    case 'HEALTHCHECK':
      return { kind: 'healthcheck', words: jsonWords(words.slice(words.indexOf('CMD') + 1)) };
    default:
      throw new Error(`${keyword} is not known here`);
  }
}

function jsonWords(words: readonly string[]): string[] {
  const text = words.join(' ');
  const parsed: unknown = text.startsWith('[') ? JSON.parse(text) : null;
  if (!Array.isArray(parsed)) throw new Error(`not in JSON form: ${text}`);
  return parsed.map(String);
}

function split(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return [text.slice(0, at), text.slice(at + separator.length)];
}
