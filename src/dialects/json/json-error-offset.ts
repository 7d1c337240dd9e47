/**
 * Offset of the first byte that makes a text no JSON (RFC 8259), or its length where it ends too early. JavaScriptCore
 * does not tell; this is asked only once JSON.parse has refused, and after the depth was bounded. No regular
 * expression: the text is a stranger's.
 */
export function jsonErrorOffset(bytes: Uint8Array): number {
  // Latin-1 keeps one character per byte, and all of JSON's grammar is ASCII.
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  const closers: string[] = [];
  let step: Step = { at: skipSpace(text, 0), failed: false };
  for (;;) {
    const opened = text[step.at];
    if (opened === "{" || opened === "[") {
      closers.push(opened === "{" ? "}" : "]");
      step = { at: skipSpace(text, step.at + 1), failed: false };
      if (text[step.at] !== closers.at(-1)) {
        if (opened === "{") step = memberName(text, step.at);
        if (step.failed) return step.at;
        continue;
      }
    } else {
      step = scalarEnd(text, step.at);
      if (step.failed) return step.at;
    }
    step = afterValue(text, step.at, closers);
    if (step.failed) return step.at;
  }
}

/** Where reading got to, and whether it can't go on from there. */
interface Step {
  readonly at: number;
  readonly failed: boolean;
}

/** Behind a value: closes what closes, then stands before the next value. */
function afterValue(text: string, from: number, closers: string[]): Step {
  let at = skipSpace(text, from);
  while (closers.length > 0 && text[at] === closers.at(-1)) {
    closers.pop();
    at = skipSpace(text, at + 1);
  }
  if (closers.length === 0 || text[at] !== ",") return { at, failed: true };
  at = skipSpace(text, at + 1);
  return closers.at(-1) === "}" ? memberName(text, at) : { at, failed: false };
}

function memberName(text: string, from: number): Step {
  if (text[from] !== '"') return { at: from, failed: true };
  const name = stringEnd(text, from + 1);
  if (name.failed) return name;
  const colon = skipSpace(text, name.at);
  return text[colon] === ":"
    ? { at: skipSpace(text, colon + 1), failed: false }
    : { at: colon, failed: true };
}

function scalarEnd(text: string, from: number): Step {
  if (text[from] === '"') return stringEnd(text, from + 1);
  for (const literal of ["true", "false", "null"]) {
    if (text.startsWith(literal, from)) return { at: from + literal.length, failed: false };
  }
  return numberEnd(text, from);
}

function stringEnd(text: string, from: number): Step {
  let at = from;
  while (at < text.length) {
    const character = text.charAt(at);
    if (character === '"') return { at: at + 1, failed: false };
    if (character < " ") break;
    if (character !== "\\") at++;
    else {
      const escaped = text.charAt(at + 1);
      if (escaped === "" || !'"\\/bfnrtu'.includes(escaped)) return { at: at + 1, failed: true };
      at += 2;
      if (escaped !== "u") continue;
      for (const end = at + 4; at < end; at++) if (!isHexDigit(text.charAt(at))) return { at, failed: true };
    }
  }
  return { at, failed: true };
}

function numberEnd(text: string, from: number): Step {
  let at = text[from] === "-" ? from + 1 : from;
  if (!isDigit(text.charAt(at))) return { at, failed: true };
  at = text[at] === "0" ? at + 1 : skipDigits(text, at);
  if (text[at] === ".") {
    if (!isDigit(text.charAt(at + 1))) return { at: at + 1, failed: true };
    at = skipDigits(text, at + 1);
  }
  if (text[at] !== "e" && text[at] !== "E") return { at, failed: false };
  at += text[at + 1] === "+" || text[at + 1] === "-" ? 2 : 1;
  return isDigit(text.charAt(at)) ? { at: skipDigits(text, at), failed: false } : { at, failed: true };
}

function skipDigits(text: string, from: number): number {
  let at = from;
  while (isDigit(text.charAt(at))) at++;
  return at;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (text[at] === " " || text[at] === "\n" || text[at] === "\r" || text[at] === "\t") at++;
  return at;
}

const isDigit = (character: string): boolean => character >= "0" && character <= "9";

const isHexDigit = (character: string): boolean =>
  character !== "" && "0123456789abcdefABCDEF".includes(character);
