import type { ErrorCode } from "yaml";

/** What is wrong with a piece of YAML and how to mend it. */
export interface YamlFault {
  readonly message: string;
  readonly mend: string;
}

const fault = (message: string, mend: string): YamlFault => ({ message, mend });

const INDENT = "Indent by spaces, members of one mapping by the same number of them.";
const PLAIN = "Write a plain value, or put it in quotes.";
const QUOTE = "Put the value in quotes.";
const UNTAGGED = "Remove the tag (`!...`); if the value begins with `!`, put it in quotes.";

/**
 * The YAML parser's errors in our words. Its own are not shown: some quote the text at fault, which may be a secret.
 */
export const YAML_FAULTS: Readonly<Record<ErrorCode, YamlFault>> = {
  ALIAS_PROPS: fault("an alias can't have an anchor or a tag", "Remove what stands before the `*name`."),
  BAD_ALIAS: fault(
    "refers to an anchor that isn't defined above it",
    "Define it by `&name`, or put the value in quotes.",
  ),
  BAD_DIRECTIVE: fault("has a directive that isn't understood", "Remove the line that begins with `%`."),
  BAD_DQ_ESCAPE: fault(
    "has an unknown escape in double quotes",
    "Use single quotes, or write `\\\\` for a backslash.",
  ),
  BAD_INDENT: fault("is indented wrongly, or a bracket isn't closed", INDENT),
  BAD_PROP_ORDER: fault("has an anchor or tag in the wrong place", "Write it after the `-`, `?` or `:`."),
  BAD_SCALAR_START: fault("begins with a character that YAML reserves", QUOTE),
  BLOCK_AS_IMPLICIT_KEY: fault(
    "has a second `: ` in one line",
    `${QUOTE} A mapping begins on a line of its own.`,
  ),
  BLOCK_IN_FLOW: fault(
    "has a block within `{}` or `[]`",
    "Write it within the brackets, or all of it without them.",
  ),
  DUPLICATE_KEY: fault("is written twice", "Keep one of the two."),
  IMPOSSIBLE: fault("is not valid YAML", PLAIN),
  KEY_OVER_1024_CHARS: fault("has a name that is too long", "Use a name of at most 1024 characters."),
  MISSING_CHAR: fault(
    "lacks a closing quote or bracket, a comma, or a space after `:`",
    "Add what is missing.",
  ),
  MULTILINE_IMPLICIT_KEY: fault(
    "has a name that runs over several lines",
    "End the line above, or add its `:`.",
  ),
  MULTIPLE_ANCHORS: fault("has several anchors", "Keep one."),
  MULTIPLE_DOCS: fault("has more than one document", "Remove the line `---` and what follows it."),
  MULTIPLE_TAGS: fault("has several tags", UNTAGGED),
  NON_STRING_KEY: fault("has a name that isn't text", "Use plain text as a name."),
  RESOURCE_EXHAUSTION: fault("is nested too deeply", "Write it flatter."),
  TAB_AS_INDENT: fault("is indented by a tab", INDENT),
  TAG_RESOLVE_FAILED: fault("has a tag; none is taken here", UNTAGGED),
  UNEXPECTED_TOKEN: fault(
    "has something that doesn't belong here",
    `${PLAIN} A mapping's members need \`name: value\`.`,
  ),
  BAD_COLLECTION_TYPE: fault("has a tag; none is taken here", UNTAGGED),
};
