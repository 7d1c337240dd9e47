import { isJsonObject } from "../../../model/json.ts";
import { either, numberOf, textOf } from "../members.ts";

/** A place in the arguments: names of members, and places in lists. */
type Path = readonly (string | number)[];

/** A container that is being written. */
interface Open {
  /** Where it stands in its own container. */
  readonly key: string | number;
  readonly isList: boolean;
  members: number;
}

/** Arguments nest no deeper than a request's JSON may. */
const MAX_DEPTH = 128;

/**
 * Writes a call's arguments as JSON while they come in pieces, value by value, each with its place: `partialArgs` of
 * `functionCall`, which Vertex AI sends where `streamFunctionCallArguments` is asked for
 * (https://docs.cloud.google.com/vertex-ai/generative-ai/docs/multimodal/function-calling#streaming-fc). Values come in
 * the order of the JSON, so that what is written need never be taken back; a place that was left behind and comes again
 * begins its member again, and the last one counts, as in all JSON.
 */
export class PartialArguments {
  readonly #open: Open[] = [];
  /** The place of a string that goes on. */
  #string: string | undefined;
  #isEmpty = true;

  /** True until the first value has come. */
  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  /** The JSON that one piece adds; nothing where it can't be understood. */
  add(piece: unknown): string {
    if (!isJsonObject(piece)) return "";
    const place = textOf(piece, "jsonPath");
    const path = place === undefined ? undefined : parsePath(place);
    const value = valueIn(piece);
    if (place === undefined || path === undefined || value === undefined) return "";
    const goesOn = typeof value === "string" && either(piece, "willContinue") === true;
    if (this.#string === place && typeof value === "string") {
      const more = inner(value);
      if (goesOn) return more;
      this.#string = undefined;
      return `${more}"`;
    }
    const before = this.#endString() + this.#moveTo(path);
    if (!goesOn) return before + JSON.stringify(value);
    this.#string = place;
    return `${before}"${inner(value)}`;
  }

  /** The JSON that ends the arguments. */
  close(): string {
    const end = this.#endString() + this.#closeTo(0);
    return this.#isEmpty ? "{}" : end;
  }

  #endString(): string {
    if (this.#string === undefined) return "";
    this.#string = undefined;
    return '"';
  }

  /** Closes and opens containers until the value at `path` can be written. */
  #moveTo(path: Path): string {
    let written = this.#isEmpty ? this.#begin("", false) : "";
    this.#isEmpty = false;
    let depth = 0;
    while (depth < path.length - 1 && this.#isOpenAt(depth, path)) depth++;
    written += this.#closeTo(depth + 1);
    for (; depth < path.length; depth++) {
      written += this.#key(path[depth] ?? "");
      const next = path[depth + 1];
      if (next !== undefined) written += this.#begin(path[depth] ?? "", typeof next === "number");
    }
    return written;
  }

  #isOpenAt(depth: number, path: Path): boolean {
    const open = this.#open[depth + 1];
    return (
      open !== undefined && open.key === path[depth] && open.isList === (typeof path[depth + 1] === "number")
    );
  }

  #begin(key: string | number, isList: boolean): string {
    this.#open.push({ key, isList, members: 0 });
    return isList ? "[" : "{";
  }

  #key(key: string | number): string {
    const holder = this.#open.at(-1);
    if (holder === undefined) return "";
    const comma = holder.members++ === 0 ? "" : ",";
    return holder.isList ? comma : `${comma}${JSON.stringify(String(key))}:`;
  }

  #closeTo(depth: number): string {
    let written = "";
    while (this.#open.length > depth) written += this.#open.pop()?.isList === true ? "]" : "}";
    return written;
  }
}

/** A string as it stands between JSON's quotes. */
const inner = (text: string): string => JSON.stringify(text).slice(1, -1);

function valueIn(piece: { readonly [name: string]: unknown }): string | number | boolean | null | undefined {
  const text = either(piece, "stringValue");
  if (typeof text === "string") return text;
  const number = numberOf(piece, "numberValue");
  if (number !== undefined) return number;
  const truth = either(piece, "boolValue");
  if (typeof truth === "boolean") return truth;
  return "nullValue" in piece || "null_value" in piece ? null : undefined;
}

/** The part of JSON Path (RFC 9535) that names one place: `$.a.b[0]`, `$['a b']`. Undefined for anything else. */
function parsePath(text: string): Path | undefined {
  if (!text.startsWith("$")) return undefined;
  const path: (string | number)[] = [];
  let at = 1;
  while (at < text.length) {
    const step = text[at] === "." ? dotted(text, at + 1) : bracketed(text, at);
    if (step === undefined || path.length === MAX_DEPTH) return undefined;
    path.push(step.key);
    at = step.end;
  }
  return path.length === 0 || typeof path[0] === "number" ? undefined : path;
}

interface Step {
  readonly key: string | number;
  readonly end: number;
}

function dotted(text: string, from: number): Step | undefined {
  let end = from;
  while (end < text.length && text[end] !== "." && text[end] !== "[") end++;
  return end === from ? undefined : { key: text.slice(from, end), end };
}

function bracketed(text: string, from: number): Step | undefined {
  if (text[from] !== "[") return undefined;
  const quote = text[from + 1];
  if (quote === "'" || quote === '"') return quoted(text, from + 2, quote);
  const close = text.indexOf("]", from);
  const digits = text.slice(from + 1, close);
  return close !== -1 && /^\d{1,9}$/.test(digits) ? { key: Number(digits), end: close + 1 } : undefined;
}

function quoted(text: string, from: number, quote: string): Step | undefined {
  let key = "";
  for (let at = from; at < text.length; at++) {
    if (text[at] === quote) return text[at + 1] === "]" ? { key, end: at + 2 } : undefined;
    if (text[at] === "\\") at++;
    key += text[at] ?? "";
  }
  return undefined;
}
