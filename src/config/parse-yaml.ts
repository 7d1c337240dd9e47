import { type Document, LineCounter, type ParsedNode, parseDocument, type YAMLError } from "yaml";
import { YAML_FAULTS, type YamlFault } from "./yaml-faults.ts";

/** The largest configuration that is read. */
export const MOST_CHARACTERS = 1024 * 1024;

/** A YAML fault with its place in the text. */
export interface PlacedFault extends YamlFault {
  readonly offset: number;
}

/** Parsed YAML with positions. Its values are not to be used where there are faults. */
export interface ParsedYaml {
  readonly document: Document.Parsed<ParsedNode>;
  readonly lines: LineCounter;
  readonly faults: readonly PlacedFault[];
}

/** Parses YAML 1.2: one document, no tags. Duplicate names and aliases are for the reader of its values to judge. */
export function parseYaml(text: string): ParsedYaml {
  const lines = new LineCounter();
  const excess = excessOf(text);
  const document = parseWithin(excess === undefined ? text : "", lines);
  if (document === undefined) {
    return {
      document: parseWithin("", lines) ?? unreachable(),
      lines,
      faults: [{ ...YAML_FAULTS.RESOURCE_EXHAUSTION, offset: 0 }],
    };
  }
  if (excess !== undefined) return { document, lines, faults: [excess] };
  const faults = [...document.errors, ...document.warnings].map((error) => placedFault(error, text));
  const version = document.directives.yaml;
  if (version.explicit === true && version.version !== "1.2") faults.push({ ...OLD_VERSION, offset: 0 });
  return { document, lines, faults };
}

const MOST_OPEN = 200;

/**
 * What makes a text too much to be parsed at all. The parser takes minutes for brackets nested by the thousand, so they
 * are counted first, as they stand: those in quotes too, which no honest text has so many of.
 */
function excessOf(text: string): PlacedFault | undefined {
  if (text.length > MOST_CHARACTERS) return { ...TOO_LARGE, offset: 0 };
  let open = 0;
  for (let offset = 0; offset < text.length; offset++) {
    const character = text[offset];
    if (character === "[" || character === "{") open += 1;
    else if (character === "]" || character === "}") open -= 1;
    if (open > MOST_OPEN) return { ...YAML_FAULTS.RESOURCE_EXHAUSTION, offset: 0 };
    open = Math.max(open, 0);
  }
  return undefined;
}

function placedFault({ code, pos: [offset] }: YAMLError, text: string): PlacedFault {
  const before = text.slice(Math.max(0, offset - 2), offset + 2);
  // In a flow collection the braces of a bare reference are YAML's own.
  const isReference = code === "UNEXPECTED_TOKEN" && before.includes("${");
  return { ...(isReference ? BARE_REFERENCE : YAML_FAULTS[code]), offset };
}

const BARE_REFERENCE: YamlFault = {
  message: "has a reference without quotes within `{}` or `[]`",
  mend: `Put it in quotes: "\${NAME}".`,
};
const TOO_LARGE: YamlFault = { message: "is larger than 1 MiB", mend: "Make it smaller." };
const OLD_VERSION: YamlFault = {
  message: "asks for an old version of YAML",
  mend: "Remove the line `%YAML`; 1.2 is read.",
};

function unreachable(): never {
  throw new Error("an empty text did not parse");
}

/** Undefined where the text is nested so deeply that the parser runs out of stack. */
function parseWithin(text: string, lineCounter: LineCounter): Document.Parsed<ParsedNode> | undefined {
  try {
    return parseDocument(text, {
      lineCounter,
      // The parser's own excerpt would show secrets.
      prettyErrors: false,
      stringKeys: true,
      resolveKnownTags: false,
      // Its check compares each name with each other; the reader does it in one pass.
      uniqueKeys: false,
      version: "1.2",
      // "silent" would also keep it silent about a second document.
      logLevel: "error",
    });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
