import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { BbbAnswerError, BbbFailedError } from './errors.js';

/** The content of an answer's root element. Values are texts, or objects of the same kind; an array where an element stands repeatedly. */
export type BbbAnswer = Readonly<Record<string, unknown>>;

/** Anything declared, a document type or an entity: what begins with `<!` and is neither comment nor CDATA. */
const DECLARATION = /<!(?!--|\[CDATA\[)/;
/**
 * In these nothing is declared, and people may have written anything. One without an end goes to the end of the text, so that each is
 * looked through once; it is not well-formed, and refused for that.
 */
const LITERAL = /<!\[CDATA\[.*?(?:\]\]>|$)|<!--.*?(?:-->|$)/gs;
const MESSAGE_KEY = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;

const parser = new XMLParser({
  ignoreAttributes: true,
  ignoreDeclaration: true,
  ignorePiTags: true,
  // Ids such as 007 and 1e5 are texts.
  parseTagValue: false,
  maxNestedTags: 32,
  // Only the built-in and numeric references are left, since nothing can be declared: each is one character.
  htmlEntities: true,
  processEntities: { enabled: true, maxEntityCount: 0, maxTotalExpansions: 100_000, maxExpandedLength: 1_000_000 },
});

/**
 * Reads a BBB server's answer (docs/wire.md, "The hooks API"): its HTTP status says nothing, `returncode` does.
 *
 * @throws {BbbAnswerError} where it is no answer of a BBB server
 * @throws {BbbFailedError} where the server refused the call
 */
export function readAnswer(call: string, status: number, text: string): BbbAnswer {
  if (DECLARATION.test(text.replace(LITERAL, '')))
    throw new BbbAnswerError(call, status, 'it declares a document type or an entity');
  const answer = rootOf(parse(call, status, text));
  if (answer?.['returncode'] === 'SUCCESS') return answer;
  if (answer?.['returncode'] !== 'FAILED') throw new BbbAnswerError(call, status, 'it has no returncode');
  const key = answer['messageKey'];
  throw new BbbFailedError(call, typeof key === 'string' && MESSAGE_KEY.test(key) ? key : 'unknown');
}

function parse(call: string, status: number, text: string): unknown {
  try {
    // The parser alone would take a document that breaks off in the middle.
    if (XMLValidator.validate(text) === true) return parser.parse(text);
  } catch {
    // The library's errors quote the document.
    throw new BbbAnswerError(call, status, 'it cannot be read');
  }
  throw new BbbAnswerError(call, status, 'it is not XML');
}

function rootOf(document: unknown): BbbAnswer | null {
  const root = isObject(document) ? document['response'] : undefined;
  return isObject(root) ? root : null;
}

function isObject(value: unknown): value is BbbAnswer {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
