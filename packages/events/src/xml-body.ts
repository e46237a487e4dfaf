import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { UnreadableDeliveryError } from './unreadable-delivery.js';
import { isWireObject, type WireObject } from './wire-value.js';

/** Anything declared, a document type or an entity: what begins with `<!` and is neither comment nor CDATA. */
const DECLARATION = /<!(?!--|\[CDATA\[)/;

const parser = new XMLParser({
  ignoreAttributes: true,
  ignoreDeclaration: true,
  ignorePiTags: true,
  // Ids such as 007 and 1e5 are texts.
  parseTagValue: false,
  maxNestedTags: 64,
  // Only the built-in and numeric references are left, since nothing can be declared: each is one character.
  htmlEntities: true,
  processEntities: { enabled: true, maxEntityCount: 0, maxTotalExpansions: 100_000, maxExpandedLength: 1_000_000 },
});

/**
 * The content of an XML text's one root element, all as texts; attributes tell nothing. Declarations are refused, so nothing is expanded or fetched.
 * Throws UnreadableDeliveryError `bad_xml`.
 */
export function parseXml(text: string): WireObject {
  if (DECLARATION.test(text))
    throw new UnreadableDeliveryError('bad_xml', 'an XML declaration of types or entities is not accepted');
  const parsed = parseDocument(text);
  const roots = isWireObject(parsed) ? Object.values(parsed) : [];
  const [root] = roots;
  if (roots.length !== 1 || !isWireObject(root))
    throw new UnreadableDeliveryError('bad_xml', 'the XML has no single root element with content');
  return root;
}

function parseDocument(text: string): unknown {
  try {
    // The parser alone would take a document that breaks off in the middle.
    if (XMLValidator.validate(text) === true) return parser.parse(text);
  } catch {
    // The library's errors quote the document, which may hold private words.
    throw new UnreadableDeliveryError('bad_xml', 'the text begins like XML but cannot be read');
  }
  throw new UnreadableDeliveryError('bad_xml', 'the text begins like XML but is not well-formed');
}
